package augment

import (
	"encoding/json"
	"fmt"
)

// Chance is a probability. In YAML and JSON true stands for ½ and false for 0.
type Chance float64

// UnmarshalYAML reads a number, true or false.
func (c *Chance) UnmarshalYAML(unmarshal func(any) error) error {
	return c.read(unmarshal)
}

// UnmarshalJSON reads a number, true or false.
func (c *Chance) UnmarshalJSON(text []byte) error {
	return c.read(func(value any) error { return json.Unmarshal(text, value) })
}

func (c *Chance) read(into func(any) error) error {
	var yes bool
	if into(&yes) == nil {
		*c = 0
		if yes {
			*c = 0.5
		}
		return nil
	}
	var p float64
	if err := into(&p); err != nil {
		return err
	}
	*c = Chance(p)
	return nil
}

func (c Chance) check(key string) error {
	if !(c >= 0 && c <= 1) {
		return fmt.Errorf("%s: %g is not a probability from 0 to 1", key, float64(c))
	}
	return nil
}

// orAlways is 1 where no probability is given.
func (c Chance) orAlways() Chance {
	if c == 0 {
		return 1
	}
	return c
}

// Range is from the lowest to the highest value.
type Range [2]float64

// UnmarshalYAML reads a list of two numbers.
func (r *Range) UnmarshalYAML(unmarshal func(any) error) error {
	var values []float64
	if err := unmarshal(&values); err != nil {
		return err
	}
	if len(values) != 2 {
		return fmt.Errorf("%v is not a range: need [lowest, highest]", values)
	}
	*r = Range{values[0], values[1]}
	return nil
}

// or is the range, or a default where none is given.
func (r Range) or(low, high float64) Range {
	if r == (Range{}) {
		return Range{low, high}
	}
	return r
}

func (r Range) check(key string, above, most float64) error {
	if !(r[0] > above && r[0] <= r[1] && r[1] <= most) {
		return fmt.Errorf("%s: [%g, %g] is not a range above %g and up to %g", key, r[0], r[1], above, most)
	}
	return nil
}

func checkNumber(key string, value, most float64) error {
	if !(value >= 0 && value <= most) {
		return fmt.Errorf("%s: %g is not from 0 to %g", key, value, most)
	}
	return nil
}
