package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

const metadataKey = "__metadata__"

type header struct {
	metadata map[string]string
	tensors  []place
}

// place is a tensor's entry in the header; its bytes are counted from the end of the header.
type place struct {
	name       string
	dtype      string
	dims       []int
	begin, end uint64
}

// parseHeader reads the JSON token by token: json.Unmarshal accepts names that occur twice, and of two tensors under
// one name would return either.
func parseHeader(text []byte) (*header, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	h := &header{}
	err := object(d, func(name string) error {
		if name == metadataKey {
			h.metadata = make(map[string]string)
			if err := object(d, func(key string) (err error) {
				h.metadata[key], err = str(d)
				return err
			}); err != nil {
				return fmt.Errorf("metadata: %w", err)
			}
			return nil
		}
		t, err := parsePlace(d, name)
		if err != nil {
			return fmt.Errorf("tensor %.200q: %w", name, err)
		}
		h.tensors = append(h.tensors, t)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("before byte %d: %w", d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return h, nil
}

func parsePlace(d *json.Decoder, name string) (place, error) {
	t := place{name: name}
	if name == "" {
		return t, errors.New("it has no name")
	}
	var offsets []int
	err := object(d, func(key string) (err error) {
		switch key {
		case "dtype":
			t.dtype, err = str(d)
		case "shape":
			t.dims, err = integers(d)
		case "data_offsets":
			offsets, err = integers(d)
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	if t.dims == nil || len(offsets) != 2 || offsets[0] < 0 || offsets[1] < 0 {
		return t, errors.New("it lacks its shape or two data_offsets")
	}
	t.begin, t.end = uint64(offsets[0]), uint64(offsets[1])
	return t, nil
}

// object reads a JSON object and calls field at the value of each key. A key that occurs twice is an error.
func object(d *json.Decoder, field func(key string) error) error {
	if err := delimiter(d, '{'); err != nil {
		return err
	}
	seen := make(map[string]bool)
	for d.More() {
		key, err := str(d)
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%.200q occurs twice", key)
		}
		seen[key] = true
		if err := field(key); err != nil {
			return err
		}
	}
	return delimiter(d, '}')
}

// integers reads a JSON array of integers; never nil without an error.
func integers(d *json.Decoder) ([]int, error) {
	if err := delimiter(d, '['); err != nil {
		return nil, err
	}
	list := []int{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		number, ok := token.(json.Number)
		if !ok {
			return nil, errors.New("a number is expected")
		}
		i, err := strconv.Atoi(number.String())
		if err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, delimiter(d, ']')
}

func str(d *json.Decoder) (string, error) {
	token, err := d.Token()
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok {
		return "", errors.New("a string is expected")
	}
	return s, nil
}

func delimiter(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("%v is expected", want)
	}
	return nil
}
