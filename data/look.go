package data

import (
	"fmt"
	"image"
)

// RowsOf returns the rows of a class, ascending.
func (s *Set) RowsOf(class int) []int {
	var rows []int
	for row, label := range s.Labels {
		if int(label) == class {
			rows = append(rows, row)
		}
	}
	return rows
}

// Image decodes a row's picture at its full size, within the default limits.
func (s *Set) Image(row int) (*image.RGBA, error) {
	f, err := s.Open(row)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	img, err := Decode(f, Limits{})
	if err != nil {
		return nil, fmt.Errorf("set %s: row %d (%s): %w", s.Name, row, s.IDs[row], err)
	}
	return img, nil
}

// Images decodes the pictures of rows, in order.
func (s *Set) Images(rows []int) ([]image.Image, error) {
	images := make([]image.Image, len(rows))
	for i, row := range rows {
		img, err := s.Image(row)
		if err != nil {
			return nil, err
		}
		images[i] = img
	}
	return images, nil
}
