package kerasfile

import (
	"encoding/json"
	"math"
	"regexp"
	"strings"
)

// config is what the configuration of a model or layer says that its weights don't.
type config struct {
	name   string
	noBeta bool               // of a batch normalization
	order  int                // in the model
	layers map[string]*config // of a model, by the name of their groups in a weights.h5
}

// parseConfig reads the config.json of a model, or the part of it that is a layer. What is not as expected is left out:
// a layer of the user's can have any configuration.
func parseConfig(text json.RawMessage, depth int) *config {
	var whole, fields map[string]json.RawMessage
	json.Unmarshal(text, &whole)
	json.Unmarshal(whole["config"], &fields)
	c := &config{layers: map[string]*config{}}
	json.Unmarshal(fields["name"], &c.name)
	center := true
	json.Unmarshal(fields["center"], &center)
	c.noBeta = !center
	var layers []json.RawMessage
	json.Unmarshal(fields["layers"], &layers)
	if depth == maxDepth {
		layers = nil
	}
	used := map[string]int{}
	for i, text := range layers {
		var l struct {
			Module string `json:"module"`
			Class  string `json:"class_name"`
		}
		json.Unmarshal(text, &l)
		if l.Class == "" || strings.HasPrefix(l.Module, "keras.src.ops") { // an operation, x + y, is no layer
			continue
		}
		inner := parseConfig(text, depth+1)
		inner.order = i
		class := snakeCase(l.Class)
		c.layers[numbered(class, used[class])] = inner
		used[class]++
	}
	return c
}

// layer returns the configuration of a layer by the name of its group, nil if it is not known.
func (c *config) layer(group string) *config {
	if c == nil {
		return nil
	}
	if l := c.layers[group]; l != nil && l.name != "" {
		return l
	}
	return nil
}

// position is the place of a layer in a model, the end if it is not known.
func (c *config) position(group string) int {
	if l := c.layer(group); l != nil {
		return l.order
	}
	return math.MaxInt
}

var (
	notWord   = regexp.MustCompile(`\W+`)
	beforeCap = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	betweenAa = regexp.MustCompile(`([a-z])([A-Z])`)
)

// snakeCase makes conv2d of Conv2D and batch_normalization of BatchNormalization, as Keras does (utils/naming.py).
func snakeCase(class string) string {
	class = notWord.ReplaceAllString(class, "")
	class = beforeCap.ReplaceAllString(class, "${1}_${2}")
	return strings.ToLower(betweenAa.ReplaceAllString(class, "${1}_${2}"))
}
