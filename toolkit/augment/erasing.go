package augment

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// RandomErasing puts one value in a random rectangle (Zhong et al., AAAI 2020), as torchvision's RandomErasing: its share
// of the area is uniform in Scale, its height divided by its width log-uniform in Ratio, of those that are smaller than the
// picture.
type RandomErasing struct {
	Probability Chance  `yaml:"probability,omitempty" json:"probability,omitempty"` // 1 if zero
	Scale       Range   `yaml:"scale,flow" json:"scale"`                            // [0.02, 0.33] if left out
	Ratio       Range   `yaml:"ratio,flow" json:"ratio"`                            // [0.3, 3.3] if left out
	Fill        float64 `yaml:"fill" json:"fill"`                                   // 0 to 255
}

func (e *RandomErasing) filled() part {
	ratio := e.Ratio.or(0.3, 3.3)
	return part{scale: e.Scale.or(0.02, 0.33), ratio: Range{1 / ratio[1], 1 / ratio[0]}}
}

func (e *RandomErasing) check() error {
	if e == nil {
		return nil
	}
	if err := e.Probability.check("random_erasing.probability"); err != nil {
		return err
	}
	if err := e.Ratio.or(0.3, 3.3).check("random_erasing.ratio", 0, 1000); err != nil {
		return err
	}
	if err := checkNumber("random_erasing.fill", e.Fill, 255); err != nil {
		return err
	}
	return e.filled().check("random_erasing")
}

func (e *RandomErasing) apply(x, seeds *Node) *Node {
	d := draw(seeds, streamErasing, partDraws+1)
	dims := x.Shape().Dimensions
	w := e.filled().draw(d, dims[1], dims[2], 1)
	w.width = Mul(w.width, ConvertDType(happens(d.at(partDraws), e.Probability.orAlways()), w.width.DType()))
	return w.erase(x, e.Fill)
}

// erase fills the window.
func (w *window) erase(x *Node, fill float64) *Node {
	inside := BroadcastToShape(w.inside(x), x.Shape())
	return Where(inside, Scalar(x.Graph(), x.DType(), fill), x)
}

// pixelIndices are [1, 1, width, 1] and [1, height, 1, 1] float32.
func pixelIndices(x *Node) (column, row *Node) {
	g, dims := x.Graph(), x.Shape().Dimensions
	return Iota(g, shapes.Make(dtypes.Float32, 1, 1, dims[2], 1), 2), Iota(g, shapes.Make(dtypes.Float32, 1, dims[1], 1, 1), 1)
}
