package models

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/longwing-ml/longwing/internal/xlatest"
)

// TestPreprocess compares with keras.applications.imagenet_utils.preprocess_input of Keras 3.15.1, and keras-contrib with
// its formula, (pixel − mean)·0.017 in BGR. Channels come in the network's order.
func TestPreprocess(t *testing.T) {
	pixels := tensors.FromFlatDataAndDimensions([]float32{0, 0, 0, 255, 255, 255, 10, 100, 200}, 1, 1, 3, 3) // RGB
	backend := xlatest.Open(t)
	for _, c := range []struct {
		mode              Preprocess
		black, white, sky [3]float64
		tolerance         float64
	}{
		{TFMode, [3]float64{-1, -1, -1}, [3]float64{1, 1, 1}, [3]float64{-0.92156863, -0.21568626, 0.56862748}, 1e-6},
		{TorchMode, [3]float64{-2.11790395, -2.03571415, -1.80444443}, [3]float64{2.24890828, 2.42857146, 2.64000010},
			[3]float64{-1.94665647, -0.28501397, 1.68139446}, 2e-6},
		{CaffeMode, [3]float64{-103.939, -116.779, -123.68}, [3]float64{151.061, 138.221, 131.32}, [3]float64{96.061, -16.779, -113.68}, 1e-5},
		{KerasContribMode, [3]float64{-1.766963, -1.985243, -2.102560}, [3]float64{2.568037, 2.349757, 2.232440},
			[3]float64{1.633037, -0.285243, -1.932560}, 1e-6},
	} {
		got, err := MustNewExec1(backend, c.mode.Apply).Call(pixels)
		if err != nil {
			t.Fatal(err)
		}
		for i, value := range tensors.MustCopyFlatData[float32](got) {
			want := [][3]float64{c.black, c.white, c.sky}[i/3][i%3]
			if math.Abs(float64(value)-want) > c.tolerance {
				t.Errorf("%s, pixel %d, channel %d: %.8g, want %.8g", c.mode.Mode, i/3, i%3, value, want)
			}
			if c.mode.Mode == "tf" && i < 6 && float64(value) != want {
				t.Errorf("tf, pixel %d, channel %d: %.8g, want exactly %g", i/3, i%3, value, want)
			}
		}
	}
}
