package torchfile_test

import (
	"fmt"
	"log"

	"github.com/longwing-ml/longwing/models/pretrained/torchfile"
)

func Example() {
	file, err := torchfile.Open("testdata/ema.pth")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, e := range file.Entries {
		data, err := e.Load()
		fmt.Println(e.Name, e.Dims, e.Type, data, err)
	}
	// Output: w [3] F32 [-1 -0.875 -0.75] <nil>
}
