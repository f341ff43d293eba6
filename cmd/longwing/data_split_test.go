package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/studydata"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// writeFor writes a CSV file with a line for each row of the table tail.
func writeFor(t *testing.T, header string, value func(row int) string) string {
	t.Helper()
	text := header + "\n"
	for row := range 89 {
		text += fmt.Sprintf("r%d,%s\n", row, value(row))
	}
	return write(t, filepath.Join(t.TempDir(), "table.csv"), text)
}

func TestSplitParts(t *testing.T) {
	labels, _ := tail(t)
	groups := writeFor(t, "id,group", func(row int) string { return fmt.Sprint(row / 4) })
	fixed := writeFor(t, "id,part", func(row int) string { return []string{"train", "test", "valid"}[row%3] })
	for name, test := range map[string]struct {
		args               string
		train, valid, test int // rows; −1 where they depend on groups
		says               string
	}{
		"default":         {"", 71, 0, 18, "train 71 rows, test 18 rows (the row numbers: --json)\n"},
		"two levels":      {"--test-size 0.2 --valid-size 0.25", 53, 18, 18, "train 53 rows, valid 18 rows, test 18 rows"},
		"fold":            {"--folds 4 --fold 0", 66, 0, 23, "train 66 rows"},
		"last fold":       {"--folds 4 --fold 3", 67, 0, 22, "train 67 rows, test 22 rows"},
		"fold, validated": {"--folds 4 --fold 1 --valid-size 0.5", 33, 34, 22, "valid 34 rows, test 22 rows (the row numbers: --json)\ntest has no rows of 1 of the 4 classes\n"},
		"groups":          {"--valid-size 0.2 --groups " + groups, -1, -1, -1, "valid"},
		"fold of groups":  {"--folds 3 --fold 1 --groups " + groups, -1, 0, -1, "test"},
		"fixed":           {"--fixed " + fixed, 30, 29, 30, "train 30 rows, valid 29 rows, test 30 rows"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"data", "split", "--labels", labels}, strings.Fields(test.args)...)
			if text := mustRun(t, args...); !strings.Contains(text, test.says) {
				t.Errorf("printed %q, want %q", text, test.says)
			}
			var parts data.Parts
			decodeJSON(t, mustRun(t, append(args, "--json")...), &parts)
			got, want := []int{len(parts.Train), len(parts.Valid), len(parts.Test)}, []int{test.train, test.valid, test.test}
			for i := range want {
				if want[i] >= 0 && got[i] != want[i] {
					t.Errorf("%v rows, want %v", got, want)
				}
			}
			all := slices.Sorted(slices.Values(slices.Concat(parts.Train, parts.Valid, parts.Test)))
			if len(all) != 89 || all[0] != 0 || all[88] != 88 || len(slices.Compact(all)) != 89 {
				t.Errorf("rows %v are not 0…88", all)
			}
		})
	}
}

// TestSplitJSONHasNoNewKeys: without the later flags the output is byte for byte what it was with two keys.
func TestSplitJSONHasNoNewKeys(t *testing.T) {
	labels := write(t, filepath.Join(t.TempDir(), "labels.csv"), "id,class\na,0\nb,0\n")
	text := mustRun(t, "data", "split", "--labels", labels, "--test-size", "0.5", "--json")
	if text != "{\"test\":[1],\"train\":[0]}\n" && text != "{\"test\":[0],\"train\":[1]}\n" {
		t.Errorf("printed %q", text)
	}
}

func TestSplitFlags(t *testing.T) {
	labels, _ := tail(t)
	some := write(t, filepath.Join(t.TempDir(), "some.csv"), "id,part\nr0,train\nr5,test\n")
	for name, test := range map[string]struct {
		args   string
		status int
		says   string
	}{
		"valid size":         {"--valid-size 1", statusUsage, "--valid-size 1"},
		"valid size of zero": {"--valid-size 0", statusUsage, "--valid-size 0"},
		"one fold":           {"--folds 1 --fold 0", statusUsage, "--folds 1"},
		"no fold":            {"--folds 3", statusUsage, "--folds and --fold belong together"},
		"fold of nothing":    {"--fold 3", statusUsage, "--folds and --fold belong together"},
		"fold beyond":        {"--folds 3 --fold 3", statusUsage, "--fold 3 is outside 0…2"},
		"size and folds":     {"--test-size 0.2 --folds 3 --fold 0", statusUsage, "test-size"},
		"fixed and seed":     {"--seed 2 --fixed " + some, statusUsage, "fixed"},
		"too many folds":     {"--folds 90 --fold 0", statusFailed, "90 folds of 89 rows"},
		"groups of some":     {"--groups " + some, statusFailed, some},
		"empty fixed":        {"--fixed=", statusUsage, "--fixed is empty"},
		"empty groups":       {"--groups=", statusUsage, "--groups is empty"},
		"no file":            {"--fixed nowhere.csv", statusFailed, "nowhere.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := longwing(append([]string{"data", "split", "--labels", labels}, strings.Fields(test.args)...)...)
			if status != test.status || stdout != "" || !strings.Contains(stderr, test.says) {
				t.Errorf("exit status %d, message %q; want %d, %q", status, stderr, test.status, test.says)
			}
		})
	}
	if text := mustRun(t, "data", "split", "--labels", labels, "--fixed", some); !strings.Contains(text, "87 rows of the table are in no part") {
		t.Errorf("printed %q", text)
	}
}

// TestSplitIsWhatTrainingUses: the command and a recipe divide alike.
func TestSplitIsWhatTrainingUses(t *testing.T) {
	path := studydata.Path(t, "train.csv")
	table, err := data.ReadLabels(path)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, table.NumClasses())
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	set, err := data.NewSet("train", ".", table.IDs, table.Labels, names)
	if err != nil {
		t.Fatal(err)
	}
	recipe := finetune.Recipe{Seed: 57, Split: finetune.Holdout{Test: 0.2, Valid: 0.3}}
	want, err := recipe.Divide(&data.Pictures{Train: set})
	if err != nil {
		t.Fatal(err)
	}
	var got data.Parts
	decodeJSON(t, mustRun(t, "data", "split", "--labels", path, "--test-size", "0.2", "--valid-size", "0.3", "--seed", "57", "--json"), &got)
	if !slices.Equal(got.Train, want.Train) || !slices.Equal(got.Valid, want.Valid) || !slices.Equal(got.Test, want.Test) {
		t.Errorf("%d, %d, %d rows; a recipe's are %d, %d, %d, or others", len(got.Train), len(got.Valid), len(got.Test), len(want.Train), len(want.Valid), len(want.Test))
	}
}
