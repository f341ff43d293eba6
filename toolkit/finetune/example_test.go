package finetune_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// Training takes minutes, so this example is compiled but not run by go test.
func ExampleTrain() {
	pictures, err := data.Open("flowers")
	if err != nil {
		log.Fatal(err)
	}
	recipe, err := finetune.ReadRecipe("recipes/flowers.yaml")
	if err != nil {
		log.Fatal(err)
	}
	observer := finetune.Console(os.Stdout)
	result, err := finetune.Train(context.Background(), recipe, pictures, "runs/flowers", finetune.Options{Observer: observer})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Test.Accuracy, result.Test.F170)
}

func ExampleParseRecipe() {
	_, err := finetune.ParseRecipe([]byte("model: densenet_mini\nsize: 64\nlearning_rate: 0.1\n"))
	fmt.Println(err)
	// Output: [3:1] unknown field "learning_rate"
}
