package torchfile

import "fmt"

// The machine makes Python's values as these, beside nil, bool, int64, float64 and string.
type (
	bigInt string // an integer of more than eight bytes, little-endian
	tuple  []any
	list   struct{ items []any }

	// numberType is what dtypes and storage classes stand for. width is in bytes.
	numberType struct {
		name  string
		width int64
	}

	// function is what a pickle may call.
	function func(m *machine, args tuple) (any, error)
)

// dict keeps the order of its keys, as Python's does.
type dict struct {
	index  map[any]int
	keys   []any
	values []any
}

func (d *dict) set(key, value any) error {
	switch key.(type) {
	case nil, bool, int64, float64, string:
	default:
		return fmt.Errorf("a dict has a %s as key", kind(key))
	}
	if i, ok := d.index[key]; ok {
		d.values[i] = value
		return nil
	}
	if d.index == nil {
		d.index = make(map[any]int)
	}
	d.index[key] = len(d.keys)
	d.keys = append(d.keys, key)
	d.values = append(d.values, value)
	return nil
}

// get returns nil if there is no such key.
func (d *dict) get(key string) any {
	if i, ok := d.index[key]; ok {
		return d.values[i]
	}
	return nil
}

// kind is what Python calls a value's type; values themselves may be of any length and are not printed.
func kind(value any) string {
	switch value.(type) {
	case nil:
		return "None"
	case bool:
		return "bool"
	case int64, bigInt:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case tuple:
		return "tuple"
	case *list:
		return "list"
	case *dict:
		return "dict"
	case numberType:
		return "dtype"
	case function:
		return "function"
	case *storage:
		return "storage"
	}
	return "tensor"
}
