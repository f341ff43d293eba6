package finetune

import (
	"errors"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/resize"
	"github.com/longwing-ml/longwing/models"
)

// Resize is a rule of package data, or ResizeModel: that of the network's weights.
type Resize data.Resize

// ResizeModel as the rule takes what the weights were measured with, but the recipe's own size.
const ResizeModel = "model"

func (r Resize) check() error {
	if r.Rule != ResizeModel {
		return data.Resize(r).Check()
	}
	if r != (Resize{Rule: ResizeModel}) {
		return errors.New("rule model takes crop and interpolation from the weights: leave them out")
	}
	return nil
}

// of returns the rule for a network.
func (r Resize) of(convention models.Convention) data.Resize {
	if r.Rule != ResizeModel {
		return data.Resize(r)
	}
	p := convention.Pictures
	return data.Resize{Rule: p.Resize, Crop: p.Crop, Interpolation: resize.Interpolation(p.Interpolation)}
}
