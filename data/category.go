package data

import (
	"regexp"
	"slices"
	"strings"
)

// Categories groups classes by the first noun of their names, as the study did: "Les Abeilles noires <…>" is an
// "Abeille".
//
// It is a heuristic, and wrong for some names. Articles and a few French words are cut out of the name, the first word
// that is left loses a final s, and the different ones, in code-point order, are the categories. A class then belongs
// to the last category whose word occurs anywhere in its name, or to the first one.
type Categories struct {
	Names []string // in code-point order
	Of    []int    // class number → category number
}

var categoryNoise = regexp.MustCompile(`Les |La |L'|Le |Petit.? |Grand.? | et| autres`)

// Categorise finds the categories of class names.
func Categorise(classNames []string) Categories {
	var c Categories
	for _, name := range classNames {
		words := strings.Fields(categoryNoise.ReplaceAllString(name, ""))
		if len(words) > 0 {
			c.Names = append(c.Names, strings.TrimSuffix(words[0], "s"))
		}
	}
	slices.Sort(c.Names)
	c.Names = slices.Compact(c.Names)
	c.Of = make([]int, len(classNames))
	for class, name := range classNames {
		for i, category := range c.Names {
			if strings.Contains(name, category) {
				c.Of[class] = i
			}
		}
	}
	return c
}

// Labels replaces each row's class by its category.
func (c Categories) Labels(labels []int32) []int32 {
	out := make([]int32, len(labels))
	for row, label := range labels {
		out[row] = int32(c.Of[label])
	}
	return out
}
