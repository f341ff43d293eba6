// Package finetune trains a network by a recipe.
//
// A recipe is data: one YAML file says model, picture size, cut points, optimizer, augmentation and seed. A run is a
// directory: everything that was learnt and measured is in it, and running the same recipe into it again continues
// where it stopped, to the same numbers.
//
//	pictures, err := data.Open("flowers")
//	recipe, err := finetune.ReadRecipe("recipes/flowers.yaml")
//	result, err := finetune.Train(ctx, recipe, pictures, "runs/flowers", finetune.Options{Observer: finetune.Console(os.Stdout)})
//	fmt.Println(result.Test.Accuracy, result.Test.F170)
package finetune
