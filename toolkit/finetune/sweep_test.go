package finetune_test

import (
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/finetune"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

// TestSweep sweeps a head's rate twice: the same steps, over several epochs, ended where the loss runs away.
func TestSweep(t *testing.T) {
	xlatest.Open(t)
	set := pictures(t, 3, 20)
	options := finetune.Options{StoreDir: t.TempDir()}
	sweep := optim.Sweep{Low: 1e-4, High: 100, Steps: 80}
	recipe := smallRecipe(t, headOnly...)
	first, err := finetune.Sweep(t.Context(), recipe, set, 1, sweep, options)
	if err != nil {
		t.Fatal(err)
	}
	again, err := finetune.Sweep(t.Context(), recipe, set, 1, sweep, options)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first.Losses, again.Losses) || first.Suggestion != again.Suggestion {
		t.Errorf("the same sweep differs: %v, %v", first.Suggestion, again.Suggestion)
	}
	if n := len(first.Losses); n <= 5 || n == sweep.Steps || first.Rates[1] != sweep.Rate(1) {
		t.Errorf("%d steps, rates %v", n, first.Rates)
	}
	if first.Steepest < 1e-4 || first.Steepest > 1 {
		t.Errorf("advice %v", first.Suggestion)
	}
	_, err = finetune.Sweep(t.Context(), recipe, set, 3, sweep, options)
	wantError(t, err, "stage 3: the recipe has stages 1 to 2")
	_, err = finetune.Sweep(t.Context(), recipe, set, 1, optim.Sweep{}, options)
	wantError(t, err, "sweep: rates from 0 to 0")
}
