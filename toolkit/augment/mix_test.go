package augment

import (
	"cmp"
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/toolkit/loss"
)

// mixed are a batch's pictures, partners and λ.
type mixed struct {
	pictures [][]float32
	partner  []float32
	lambda   []float32
}

func mixer(t *testing.T, policy Policy) func(weights []float32, rows ...int) mixed {
	p := compile(t, func(x, seeds, weights *Node) []*Node {
		m := policy.Mix(x, seeds, weights)
		return []*Node{m.Pictures, ConvertDType(m.Partner, m.Lambda.DType()), m.Lambda}
	})
	return func(weights []float32, rows ...int) mixed {
		out := p.run(photos(mixHeight, mixWidth, rows...), seedsOf(rows...), weights)
		return mixed{chunk(out[0], len(rows)), out[1], out[2]}
	}
}

const mixHeight, mixWidth = 12, 15

func ones(n int) []float32 { return slices.Repeat([]float32{1}, n) }

// nextSeeds are the partners by their definition.
func nextSeeds(weights []float32, rows []int) []int {
	var order []int
	partners := upTo(len(rows))
	for i := range rows {
		if weights[i] > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := Seed(11, 0, rows[a]), Seed(11, 0, rows[b])
		return cmp.Compare(uint64(x[1])<<32|uint64(x[0]), uint64(y[1])<<32|uint64(y[0]))
	})
	for k, i := range order {
		partners[i] = order[(k+1)%len(order)]
	}
	return partners
}

func TestPartners(t *testing.T) {
	for _, c := range []struct {
		name    string
		weights []float32
		rows    []int
	}{
		{"plain", ones(9), upTo(9)},
		{"filling", []float32{1, 0.5, 1, 1, 0, 2, 1, 0, 0}, []int{5, 3, 8, 1, 0, 12, 40, 0, 0}},
		{"one row twice", ones(9), []int{1, 2, 3, 2, 4, 5, 6, 7, 8}},
		{"one alone", []float32{0, 0, 0, 1, 0, 0, 0, 0, 0}, upTo(9)},
		{"filling only", make([]float32, 9), upTo(9)},
	} {
		got := mixer(t, Policy{Mixup: &Mixup{Alpha: 1}})(c.weights, c.rows...)
		want := nextSeeds(c.weights, c.rows)
		for i := range c.rows {
			if int(got.partner[i]) != want[i] {
				t.Errorf("%s: row %d has the partner %g, want %d", c.name, i, got.partner[i], want[i])
			}
			alone := c.weights[i] == 0 || want[i] == i
			if alone != (got.lambda[i] == 1) {
				t.Errorf("%s: row %d has λ = %g", c.name, i, got.lambda[i])
			}
			if alone && !slices.Equal(got.pictures[i], photo(c.rows[i], mixHeight, mixWidth)) {
				t.Errorf("%s: row %d, without a partner, was changed", c.name, i)
			}
		}
	}
}

// TestMixedPictures computes mixup and cutmix again from λ, and that neither depends on the order of the batch.
func TestMixedPictures(t *testing.T) {
	const n = 40
	for name, policy := range map[string]Policy{
		"mixup": {Mixup: &Mixup{Alpha: 0.4, Probability: 0.7}}, "cutmix": {CutMix: &CutMix{Alpha: 1, Probability: 0.7}},
		"both": {Mixup: &Mixup{Alpha: 0.4}, CutMix: &CutMix{Alpha: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			mix := mixer(t, policy)
			rows := upTo(n)
			got := mix(ones(n), rows...)
			kinds := map[string]int{}
			for i, picture := range got.pictures {
				own, other := photo(rows[i], mixHeight, mixWidth), photo(rows[int(got.partner[i])], mixHeight, mixWidth)
				kinds[kindOf(t, picture, own, other, got.lambda[i])]++
			}
			want := map[string][]string{"mixup": {"mixup", "none"}, "cutmix": {"cutmix", "none"}, "both": {"mixup", "cutmix"}}[name]
			for kind, count := range kinds {
				if !slices.Contains(want, kind) && kind != "none" {
					t.Errorf("%d pictures were made by %s", count, kind)
				}
			}
			for _, kind := range want {
				if kinds[kind] < 5 {
					t.Errorf("only %d of %d pictures were made by %s", kinds[kind], n, kind)
				}
			}
			backwards := slices.Clone(rows)
			slices.Reverse(backwards)
			turned := mix(ones(n), backwards...)
			for i := range rows {
				if !slices.Equal(turned.pictures[n-1-i], got.pictures[i]) || turned.lambda[n-1-i] != got.lambda[i] {
					t.Fatalf("row %d is mixed another way in another order", i)
				}
			}
		})
	}
}

// kindOf tells how a picture was made, and checks that λ says so.
func kindOf(t *testing.T, picture, own, other []float32, lambda float32) string {
	t.Helper()
	if lambda == 1 {
		if !slices.Equal(picture, own) {
			t.Error("λ is 1, but the picture was changed")
		}
		return "none"
	}
	blended := make([]float32, len(own))
	for k := range own {
		blended[k] = lambda*own[k] + (1-lambda)*other[k]
	}
	if d, _ := largestDifference(picture, blended); d < 1e-3 {
		return "mixup"
	}
	pasted, rowsOf, columnsOf := 0, map[int]bool{}, map[int]bool{}
	for at := 0; at < len(own); at += 3 {
		switch {
		case slices.Equal(picture[at:at+3], own[at:at+3]):
		case slices.Equal(picture[at:at+3], other[at:at+3]):
			pasted++
			rowsOf[at/3/mixWidth], columnsOf[at/3%mixWidth] = true, true
		default:
			t.Errorf("pixel %d, %v, is neither picture's, and not λ = %g of both", at/3, picture[at:at+3], lambda)
			return "unknown"
		}
	}
	if pasted != len(rowsOf)*len(columnsOf) {
		t.Errorf("%d pasted pixels in %d rows and %d columns are no rectangle", pasted, len(rowsOf), len(columnsOf))
	}
	if left := 1 - float64(pasted)/(mixHeight*mixWidth); math.Abs(left-float64(lambda)) > 1e-6 {
		t.Errorf("λ is %g, but %g of the picture is left", lambda, left)
	}
	return "cutmix"
}

// TestMixedLoss compares with λ·L(own) + (1−λ)·L(partner), each with its class's weight, in both conventions.
func TestMixedLoss(t *testing.T) {
	logits := [][]float32{{1, -2, 0.5}, {0.2, 0.1, -1}, {3, 1, 2}, {0, 0, 0}}
	labels, partner := []int32{0, 2, 1, 1}, []int32{1, 2, 0, 3}
	weights, lambda := []float32{1, 2, 1, 0}, []float32{0.3, 0.8, 1, 1}
	classWeights := []float64{0.5, 1, 4}
	for _, convention := range []loss.Convention{loss.Torch, loss.Keras} {
		l, err := loss.New(loss.Config{Convention: convention}, 3, nil, classWeights)
		if err != nil {
			t.Fatal(err)
		}
		got := compile(t, func(logits, labels, weights, partner, lambda *Node) []*Node {
			m := Mixed{Partner: partner, Lambda: lambda}
			none := Mixed{Partner: partner, Lambda: OnesLike(lambda)}
			return []*Node{
				l.Mean(m.Targets(logits, labels, weights)), l.Mean(none.Targets(logits, labels, weights)),
				l.Mean(logits, labels, weights), l.Mean(Mixed{}.Targets(logits, labels, weights)),
			}
		}).run(logits, labels, weights, partner, lambda)
		total, divisor := 0.0, 0.0
		for i := range labels {
			a, b := labels[i], labels[partner[i]]
			wa, wb, share, w := classWeights[a], classWeights[b], float64(lambda[i]), float64(weights[i])
			total += w * (share*wa*crossEntropy(logits[i], a) + (1-share)*wb*crossEntropy(logits[i], b))
			if convention == loss.Torch {
				divisor += w * (share*wa + (1-share)*wb)
			} else {
				divisor += w
			}
		}
		if want := total / divisor; math.Abs(float64(got[0][0])-want) > 1e-6 {
			t.Errorf("%s: the loss is %g, want %g", convention, got[0][0], want)
		}
		for i, what := range []string{"λ = 1", "plain", "no mixing"} {
			if d := math.Abs(float64(got[1+i][0] - got[2][0])); d > 1e-6 {
				t.Errorf("%s: with %s the loss is %g, want %g", convention, what, got[1+i][0], got[2][0])
			}
		}
	}
}

func crossEntropy(logits []float32, label int32) float64 {
	sum := 0.0
	for _, z := range logits {
		sum += math.Exp(float64(z))
	}
	return math.Log(sum) - float64(logits[label])
}
