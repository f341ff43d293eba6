package loss_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/loss"
)

// goldens are testdata/golden.json.
type goldens struct {
	Inputs struct {
		Logits, Soft, Examples, Weights []float64
		Labels                          []int32
		Counts                          []int
	}
	Cosines map[string][]float64
	Cases   []goldenCase
}

type goldenCase struct {
	Name           string
	Config         loss.Config
	Soft, Weighted bool
	Mean           float64
	PerExample     []float64 `json:"per_example"`
	Gradient       []float64
}

func readGoldens(t *testing.T) goldens {
	t.Helper()
	var g goldens
	readJSON(t, "testdata/golden.json", &g)
	return g
}

func (g goldens) batch(c goldenCase) batch {
	b := batch{logits: g.Inputs.Logits, labels: g.Inputs.Labels, examples: g.Inputs.Examples}
	if c.Soft {
		b.soft = g.Inputs.Soft
	}
	return b
}

func (g goldens) loss(t *testing.T, c goldenCase) *loss.Loss {
	t.Helper()
	if c.Weighted {
		return newLoss(t, c.Config, g.Inputs.Counts, g.Inputs.Weights)
	}
	return newLoss(t, c.Config, g.Inputs.Counts, nil)
}

func TestEqualsTorch(t *testing.T) {
	g := readGoldens(t)
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) { testGolden(t, g, c) })
	}
}

func TestEqualsKeras(t *testing.T) {
	g := readGoldens(t)
	var cases []goldenCase
	readJSON(t, "testdata/golden_keras.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { testGolden(t, g, c) })
	}
}

func testGolden(t *testing.T, g goldens, c goldenCase) {
	const tolerance = 1e-5 // of float32, for scaled logits up to 90
	l := g.loss(t, c)
	mean, gradient := compile(t, l, dtypes.Float32).run(t, g.batch(c))
	compare(t, "mean", []float64{mean}, []float64{c.Mean}, tolerance)
	compare(t, "gradient", gradient, c.Gradient, tolerance)
	if c.PerExample == nil || c.Config.Name == loss.CrossEntropySoftF1 {
		return
	}
	each, err := CallOnce(xlatest.Open(t), l.PerExample, g.batch(c).args(dtypes.Float32)[:2]...)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "losses of pictures", flat(t, each), c.PerExample, tolerance)
}

func TestCosinesEqualTorch(t *testing.T) {
	g := readGoldens(t)
	exec, err := NewExec(xlatest.Open(t), func(features, kernel, factors *Node) []*Node {
		cosines := loss.Cosines(features, kernel)
		return append([]*Node{cosines}, Gradient(ReduceAllSum(Mul(cosines, factors)), features, kernel)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	results, err := exec.Call(tensorOf(dtypes.Float32, g.Cosines["features"], 4, 3),
		tensorOf(dtypes.Float32, g.Cosines["kernel"], 3, 5), tensorOf(dtypes.Float32, g.Cosines["factors"], 4, 5))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"cosines", "features_gradient", "kernel_gradient"} {
		compare(t, name, flat(t, results[i]), g.Cosines[name], 3e-6)
	}
	zero := make([]float64, 12)
	results, err = exec.Call(tensorOf(dtypes.Float32, zero, 4, 3),
		tensorOf(dtypes.Float32, g.Cosines["kernel"], 3, 5), tensorOf(dtypes.Float32, g.Cosines["factors"], 4, 5))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "cosines of features that are 0", flat(t, results[0]), make([]float64, 20), 0)
	noNaN(t, "gradient at features that are 0", flat(t, results[1])...)
}

// Central differences in float64, with weights and an odd weight of a picture.
func TestGradientsAreDifferenceQuotients(t *testing.T) {
	const step = 1e-5
	g := readGoldens(t)
	for _, soft := range []bool{false, true} {
		for _, name := range loss.Names() {
			what := string(name)
			if soft {
				what += ", soft"
			}
			t.Run(what, func(t *testing.T) {
				config := loss.Config{Name: name}
				if name == loss.LDAM {
					config.Scale = 3 // at 30 the third derivative is too large for the quotient
				}
				b := g.batch(goldenCase{Soft: soft})
				b.examples = []float64{1, 0.5, 1, 2, 1, 1, 0}
				p := compile(t, g.loss(t, goldenCase{Config: config, Weighted: name != loss.SoftF1 && name != loss.ClassBalancedFocal}), dtypes.Float64)
				_, gradient := p.run(t, b)
				quotients := make([]float64, len(gradient))
				for i := range quotients {
					b.logits = append([]float64(nil), g.Inputs.Logits...)
					b.logits[i] += step
					above, _ := p.run(t, b)
					b.logits[i] -= 2 * step
					below, _ := p.run(t, b)
					quotients[i] = (above - below) / (2 * step)
				}
				compare(t, "gradient", gradient, quotients, 1e-8)
			})
		}
	}
}
