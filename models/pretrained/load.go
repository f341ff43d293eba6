package pretrained

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/models"
)

// Loaded says what Load did.
type Loaded struct {
	NewHead bool // the network's head is not the file's: it keeps the store's values or is drawn
}

// Load puts the parameters into a store, for net on pictures of size×size pixels. The one difference that is allowed is
// the head: if the file has none, or one of another form or number of classes, net's keeps the values that the store has
// or is drawn from seed. Anything else that is missing, of another shape or of no use is an error that lists it, and
// nothing is loaded.
//
// Tensors are read one at a time: loading takes the parameters' memory and that of the largest tensor.
func (w *Weights) Load(store *model.Store, net *models.Network, size int, seed uint64) (Loaded, error) {
	loaded := Loaded{NewHead: !w.hasHead(net.Head)}
	if err := w.complete(); err != nil {
		return loaded, err
	}
	if w.Model != net.Name {
		return loaded, fmt.Errorf("%s holds a %s, not a %s", w.file.Path, w.Model, net.Name)
	}
	wanted, err := net.Parameters(size)
	if err != nil {
		return loaded, err
	}
	if loaded.NewHead {
		wanted = slices.DeleteFunc(wanted, func(p models.ParameterInfo) bool { return isHead(p.Path) })
	}
	for _, p := range wanted {
		at, ok := w.places[p.Path]
		if !ok {
			return loaded, fmt.Errorf("%s lacks the parameter %s, which %s under the convention of %s has", w.file.Path, p.Path, net.Name, net.Convention.Source)
		}
		if !slices.Equal(at.dims, p.Dims) {
			return loaded, fmt.Errorf("%s: parameter %s has shape %v, the network on pictures of %d pixels wants %v", w.file.Path, p.Path, at.dims, size, p.Dims)
		}
	}
	for _, p := range wanted {
		if err := load(store, p, w.places[p.Path]); err != nil {
			return loaded, err
		}
	}
	return loaded, net.Init(store, size, seed)
}

// hasHead tells whether the file's head is one of net's form.
func (w *Weights) hasHead(head models.Head) bool {
	if w.Head == nil {
		return false
	}
	kind := func(k models.HeadKind) models.HeadKind {
		if k == "" {
			return models.HeadPool
		}
		return k
	}
	return kind(w.Head.Kind) == kind(head.Kind) && w.Head.Units == head.Units && w.Head.Classes == head.Classes
}

// load gives a parameter of the store the file's numbers.
func load(store *model.Store, p models.ParameterInfo, from place) error {
	numbers, err := from.numbers()
	if err != nil {
		return err
	}
	value := tensors.FromFlatDataAndDimensions(numbers, p.Dims...)
	if v := store.GetVariable(p.Path); v != nil {
		return v.SetValue(value)
	}
	store.VariableWithValue(p.Path, value)
	return nil
}
