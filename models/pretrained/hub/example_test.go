package hub_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/longwing-ml/longwing/models/pretrained/hub"
)

// The weights, and timm's configuration of the same commit.
func ExampleFetch() {
	opt := hub.Options{Log: func(line string) { fmt.Fprintln(os.Stderr, line) }}
	weights, err := hub.Fetch(context.Background(), "densenet169", opt)
	if err != nil {
		log.Fatal(err)
	}
	opt.File, opt.Revision = hub.ConfigFile, weights.Revision
	config, err := hub.Fetch(context.Background(), "densenet169", opt)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(weights.Path, config.Path)
}

func ExampleList() {
	for _, k := range hub.List() {
		if k.Architecture == "densenet161" {
			fmt.Printf("%-31s %s\n", k.Name, k.Source)
		}
	}
	// Output:
	// densenet161.tv_in1k             timm
	// torchvision/densenet161         torchvision
	// keras-contrib/densenet161       keras-contrib
	// keras-contrib/densenet161-notop keras-contrib
}
