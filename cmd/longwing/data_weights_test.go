package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/studydata"
)

type weightsJSON struct{ Weights []float64 }

func TestWeightsJSON(t *testing.T) {
	dir := t.TempDir()
	labels := write(t, filepath.Join(dir, "labels.csv"), "id,class\na,0\nb,0\nc,0\nd,0\ne,0\nf,2\ng,2\n") // 5, 0 and 2 rows
	whole := write(t, filepath.Join(dir, "whole.csv"), "id,class\na,0\nb,0\nc,0\nd,0\ne,0\nf,1\ng,1\n")
	split := write(t, filepath.Join(dir, "split.json"), `{"train":[0,1,2,5],"test":[3,4,6]}`) // 3 and 1 rows
	for name, test := range map[string]struct {
		args string
		want []float64
	}{
		"none":          {whole + " --method none", []float64{1, 1}},
		"balanced":      {whole + " --method balanced", []float64{0.7, 1.75}},
		"log":           {whole + " --method log", []float64{math.Ln2, math.Log(7.25)}},
		"log, integer":  {whole + " --method log --integer-ratio", []float64{math.Ln2, math.Log(5)}},
		"linear":        {whole + " --method linear", []float64{2, 3.5}},
		"ratio":         {whole + " --method ratio", []float64{5 / 5.0000001, 5 / 2.0000001}},
		"effective":     {whole + " --method effective --beta 0.5", []float64{16. / 31, 2. / 3}},
		"default beta":  {whole + " --method effective", []float64{0.001 / (1 - math.Pow(0.999, 5)), 1 / 1.999}},
		"sum-k":         {whole + " --method balanced --normalise sum-k", []float64{4. / 7, 10. / 7}},
		"mean-one":      {whole + " --method linear --normalise mean-one", []float64{14. / 17, 24.5 / 17}},
		"absent":        {labels + " --method balanced --absent zero", []float64{0.7, 0, 1.75}},
		"absent at end": {whole + " --method balanced --absent zero --classes 3", []float64{0.7, 1.75, 0}},
		"rows":          {whole + " --method linear --rows " + split, []float64{2, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"data", "weights", "--labels"}, strings.Fields(test.args)...)
			var got weightsJSON
			decodeJSON(t, mustRun(t, append(args, "--json")...), &got)
			if len(got.Weights) != len(test.want) {
				t.Fatalf("weights %v, want %v", got.Weights, test.want)
			}
			for class, want := range test.want {
				if math.Abs(got.Weights[class]-want) > 1e-9 {
					t.Errorf("class %d weighs %.12g, want %.12g", class, got.Weights[class], want)
				}
			}
			text := mustRun(t, args...)
			for _, want := range []string{"sum over classes", "mean over rows", "class  rows"} {
				if !strings.Contains(text, want) {
					t.Errorf("the text does not say %q:\n%s", want, text)
				}
			}
		})
	}
}

func TestWeightsOfTheStudy(t *testing.T) {
	labels := studydata.Path(t, "train.csv")
	var got weightsJSON
	decodeJSON(t, mustRun(t, "data", "weights", "--labels", labels, "--method", "log", "--json"), &got)
	if len(got.Weights) != 403 || math.Abs(got.Weights[259]-14.211162717865) > 1e-9 {
		t.Errorf("%d weights, the rarest class weighs %v", len(got.Weights), got.Weights[259])
	}
	if text := mustRun(t, "data", "weights", "--labels", labels, "--method", "log"); !strings.Contains(text, "sum over classes 3738.205804, mean over rows 4.842281") {
		t.Errorf("printed %q", text)
	}
}

func TestWeightsErrors(t *testing.T) {
	labels := write(t, filepath.Join(t.TempDir(), "labels.csv"), "id,class\na,0\nb,2\n")
	for name, test := range map[string]struct {
		args   string
		status int
		says   []string
	}{
		"no method":         {"", statusUsage, []string{"method"}},
		"unknown method":    {"--method logg", statusUsage, []string{"--method", `"logg"`, "effective"}},
		"unknown scale":     {"--method log --normalise one", statusUsage, []string{"--normalise", `"one"`}},
		"unknown absent":    {"--method log --absent one", statusUsage, []string{"--absent", `"one"`}},
		"beta":              {"--method effective --beta 1", statusUsage, []string{"--beta", "1 is not between"}},
		"stray beta":        {"--method log --beta 0.9", statusUsage, []string{"--beta", "method log"}},
		"stray beta zero":   {"--method log --beta 0", statusUsage, []string{"--beta", "method log"}},
		"empty rows":        {"--method log --rows=", statusUsage, []string{"--rows is empty"}},
		"stray integers":    {"--method balanced --integer-ratio", statusUsage, []string{"--integer-ratio", "balanced"}},
		"class without row": {"--method balanced", statusFailed, []string{labels, "class 1 has no rows", "zero"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := longwing(append([]string{"data", "weights", "--labels", labels}, strings.Fields(test.args)...)...)
			if status != test.status || stdout != "" || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit status %d, printed %q and %q; want %d and one line on standard error", status, stdout, stderr, test.status)
			}
			for _, text := range test.says {
				if !strings.Contains(stderr, text) {
					t.Errorf("message %q does not say %q", stderr, text)
				}
			}
		})
	}
}
