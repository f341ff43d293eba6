package augment_test

import (
	"fmt"

	"github.com/goccy/go-yaml"

	"github.com/longwing-ml/longwing/toolkit/augment"
)

func Example() {
	var policy augment.Policy
	recipe := `{horizontal_flip: true, affine: {rotate: 30, scale: [0.9, 1.1]}, border: mirror}`
	if err := yaml.UnmarshalWithOptions([]byte(recipe), &policy, yaml.Strict()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(policy.Check())

	policy.Border = augment.Reflect
	fmt.Println(policy.Check(), policy.HorizontalFlip)
	// In the graph of a training step:
	//
	//	pictures = policy.Apply(pictures, seeds)
	//	mixed := policy.Mix(pictures, seeds, weights)
	//	logits := network(mixed.Pictures)
	//	value := l.Mean(mixed.Targets(logits, labels, weights))

	// Output:
	// border: "mirror" is none of [edge reflect constant]
	// <nil> 0.5
}
