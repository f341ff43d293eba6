package safetensors_test

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
)

func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "weights.safetensors")
	tensors := []safetensors.Tensor{{Name: "bias", Dims: []int{2}, Data: []float32{0.5, -1}}}
	err = atomicfile.Write(path, func(w io.Writer) error {
		return safetensors.Write(w, tensors, map[string]string{"model": "densenet121"})
	})
	if err != nil {
		log.Fatal(err)
	}
	file, err := safetensors.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, e := range file.Entries {
		data, err := e.Load()
		fmt.Println(e.Name, e.Dims, e.Type, data, err)
	}
	// Output: bias [2] F32 [0.5 -1] <nil>
}
