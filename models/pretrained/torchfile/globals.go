package torchfile

import (
	"errors"
	"fmt"
)

// globals are all that a pickle may name. Types have the names of package safetensors.
var globals = map[string]any{
	"collections.OrderedDict":                    function(orderedDict),
	"torch.Size":                                 function(torchSize),
	"torch._utils._rebuild_tensor":               function(rebuildTensor),
	"torch._utils._rebuild_tensor_v2":            function(rebuildTensor2),
	"torch._utils._rebuild_tensor_v3":            function(rebuildTensor3),
	"torch._utils._rebuild_parameter":            function(rebuildParameter),
	"torch._utils._rebuild_parameter_with_state": function(rebuildParameter),

	"torch.DoubleStorage":        numberType{"F64", 8},
	"torch.FloatStorage":         numberType{"F32", 4},
	"torch.HalfStorage":          numberType{"F16", 2},
	"torch.BFloat16Storage":      numberType{"BF16", 2},
	"torch.LongStorage":          numberType{"I64", 8},
	"torch.IntStorage":           numberType{"I32", 4},
	"torch.ShortStorage":         numberType{"I16", 2},
	"torch.CharStorage":          numberType{"I8", 1},
	"torch.ByteStorage":          numberType{"U8", 1},
	"torch.BoolStorage":          numberType{"BOOL", 1},
	"torch.ComplexFloatStorage":  numberType{"C64", 8},
	"torch.ComplexDoubleStorage": numberType{"C128", 16},

	// Younger types have no storage class: their bytes lie in an untyped one.
	"torch.storage.UntypedStorage": numberType{"U8", 1},
	"torch.uint16":                 numberType{"U16", 2},
	"torch.uint32":                 numberType{"U32", 4},
	"torch.uint64":                 numberType{"U64", 8},
	"torch.float8_e4m3fn":          numberType{"F8_E4M3", 1},
	"torch.float8_e5m2":            numberType{"F8_E5M2", 1},
}

// orderedDict makes an empty dict; from Python 2, one of a list of keys and values.
func orderedDict(m *machine, args tuple) (any, error) {
	d := &dict{}
	if len(args) == 0 {
		return d, nil
	}
	pairs, ok := args[0].(*list)
	if !ok || len(args) != 1 {
		return nil, fmt.Errorf("an OrderedDict is made of a %s", kind(args[0]))
	}
	if err := m.spend(len(pairs.items)); err != nil { // one list may make many dicts
		return nil, err
	}
	for _, item := range pairs.items {
		pair, ok := item.(*list)
		if !ok || len(pair.items) != 2 {
			return nil, errors.New("an OrderedDict is made of something else than pairs")
		}
		if err := d.set(pair.items[0], pair.items[1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func torchSize(_ *machine, args tuple) (any, error) {
	if len(args) != 1 {
		return nil, errors.New("torch.Size of other than one argument")
	}
	return args[0], nil
}

// rebuildTensor has the arguments storage, offset, size, stride.
func rebuildTensor(m *machine, args tuple) (any, error) {
	if len(args) != 4 {
		return nil, fmt.Errorf("a tensor of %d arguments", len(args))
	}
	return newTensor(m, args)
}

// rebuildTensor2 has those, requires_grad, hooks, and perhaps a dict of bits that change the meaning of the numbers.
func rebuildTensor2(m *machine, args tuple) (any, error) {
	if len(args) != 6 && len(args) != 7 {
		return nil, fmt.Errorf("a tensor of %d arguments", len(args))
	}
	if err := checkBits(args[6:]); err != nil {
		return nil, err
	}
	return newTensor(m, args)
}

// rebuildTensor3 has the dtype before that dict; the storage is untyped.
func rebuildTensor3(m *machine, args tuple) (any, error) {
	if len(args) != 7 && len(args) != 8 {
		return nil, fmt.Errorf("a tensor of %d arguments", len(args))
	}
	if err := checkBits(args[7:]); err != nil {
		return nil, err
	}
	t, err := newTensor(m, args)
	if err != nil {
		return nil, err
	}
	dtype, ok := args[6].(numberType)
	if !ok {
		return nil, fmt.Errorf("a tensor with a %s as dtype", kind(args[6]))
	}
	t.numbers = dtype
	return t, nil
}

func checkBits(metadata tuple) error {
	for _, v := range metadata {
		if d, ok := v.(*dict); v != nil && (!ok || len(d.keys) > 0) {
			return errors.New("a tensor is marked as conjugated or negated: save a clone of it")
		}
	}
	return nil
}

// rebuildParameter has a tensor, requires_grad, hooks, and perhaps attributes.
func rebuildParameter(_ *machine, args tuple) (any, error) {
	if len(args) < 3 {
		return nil, fmt.Errorf("a parameter of %d arguments", len(args))
	}
	t, ok := args[0].(*tensor)
	if !ok {
		return nil, fmt.Errorf("a parameter that is a %s", kind(args[0]))
	}
	return t, nil
}
