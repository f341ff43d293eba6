package plots

import (
	"math"
	"strings"
	"testing"
)

func TestRateSweep(t *testing.T) {
	rates, losses := []float64{1e-4, 1e-3, 1e-2, 1e-1, 1}, []float64{2, 1.5, 1, 0.8, math.Inf(1)}
	figure, err := RateSweep(rates, losses, []float64{2, 1.8, 1.5, 1.2, 1.3}, 1e-2, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := figure.PNG(); err != nil {
		t.Error(err)
	}
	if legend := figure.panels[0].legend; len(legend) != 3 || legend[2].text != "steepest at 0.01" {
		t.Errorf("legend %v", legend)
	}
	for want, refused := range map[string]func() (*Figure, error){
		"2 rates, 1 losses":       func() (*Figure, error) { return RateSweep(rates[:2], losses[:1], losses[:1], 0, 0) },
		"there is no finite loss": func() (*Figure, error) { return RateSweep(rates[:1], losses[4:], losses[4:], 0, 0) },
		"rate 0 is not":           func() (*Figure, error) { return RateSweep([]float64{0}, losses[:1], losses[:1], 0, 0) },
	} {
		if _, err := refused(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
