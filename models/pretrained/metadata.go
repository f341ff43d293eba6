package pretrained

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// descriptionKey is the metadata by which a file of longwing says what it holds.
const descriptionKey = "longwing.network"

type description struct {
	Model      string            `json:"model"`
	Convention models.Convention `json:"convention"`
	Head       *models.Head      `json:"head,omitempty"`
}

// Metadata describes a network for the metadata of a safetensors file with our names, so that Recognise need not guess
// its convention.
func Metadata(net *models.Network) map[string]string {
	return metadataOf(description{net.Name, net.Convention, &net.Head})
}

func metadataOf(d description) map[string]string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain numbers and strings: always possible
	}
	return map[string]string{descriptionKey: string(text)}
}

// fromMetadata returns what a file says of itself, nil if it says nothing.
func fromMetadata(f *tensorfile.File) (*description, error) {
	text, ok := f.Metadata[descriptionKey]
	if !ok {
		return nil, nil
	}
	d := new(description)
	if err := json.Unmarshal([]byte(text), d); err != nil {
		return nil, fmt.Errorf("%s: metadata %s: %w", f.Path, descriptionKey, err)
	}
	if !slices.Contains(models.Names(), d.Model) {
		return nil, fmt.Errorf("%s: metadata %s: unknown model %.60q", f.Path, descriptionKey, d.Model)
	}
	if err := d.Convention.Check(d.Model); err != nil {
		return nil, fmt.Errorf("%s: metadata %s: convention: %w", f.Path, descriptionKey, err)
	}
	return d, nil
}
