package classweight_test

import (
	"math"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/classweight"
)

// BenchmarkCompute weighs 10,000 classes of a long tail.
func BenchmarkCompute(b *testing.B) {
	counts := make([]int, 10_000)
	for class := range counts {
		counts[class] = 1 + int(690*math.Pow(690, -float64(class)/9999))
	}
	for _, method := range classweight.Methods() {
		o := classweight.Options{Method: method, Normalise: classweight.SumK}
		if method == classweight.Effective {
			o.Beta = 0.999
		}
		b.Run(string(method), func(b *testing.B) {
			for b.Loop() {
				compute(b, counts, o)
			}
		})
	}
}
