package finetune_test

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// cached makes smallRecipe's second stage go on from outputs of the trunk, of two views.
func cached(dtypeAndMore string) []string {
	return []string{"freeze_below: block4, epochs: 3", "freeze_below: block4, views: 2, trunk_cache: {dtype: " + dtypeAndMore + "}, epochs: 3"}
}

// TestTrunkCache compares runs with and without a cache, on the same views, and stops one in the middle.
func TestTrunkCache(t *testing.T) {
	xlatest.Open(t)
	set := pictures(t, 3, 20)
	dir := t.TempDir()
	train := func(ctx context.Context, name string, observer finetune.Observer, changes ...string) (*finetune.Result, error) {
		options := finetune.Options{StoreDir: filepath.Join(dir, "stores"), Observer: observer}
		return finetune.Train(ctx, smallRecipe(t, changes...), set, filepath.Join(dir, name), options)
	}
	plain, err := train(t.Context(), "plain", nil, "freeze_below: block4, epochs: 3", "freeze_below: block4, views: 2, epochs: 3")
	if err != nil {
		t.Fatal(err)
	}
	want := metrics(t, plain.Run)
	for _, c := range []struct {
		dtype     string
		tolerance float64 // of losses, relative
	}{{"float32", 2e-4}, {"bfloat16", 0.25}} {
		ctx, stop := context.WithCancel(t.Context())
		ear := newListener()
		_, err := train(ctx, c.dtype, &stopper{Observer: ear, stop: stop, at: "epoch 3 of"}, cached(c.dtype)...)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: the run was not stopped: %v", c.dtype, err)
		}
		ear.want(t, "of "+c.dtype+" [1 1 ")
		ear.want(t, "2 views of 36 training pictures and 12 validation pictures")
		ear = newListener()
		again, err := train(t.Context(), c.dtype, ear, cached(c.dtype)...)
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(ear.said, "\n"); strings.Contains(said, "trunk cache: computed") {
			t.Errorf("%s: the cache was computed again: %s", c.dtype, said)
		}
		got := metrics(t, again.Run)
		if len(got) != len(want) {
			t.Fatalf("%s: %d records, want %d", c.dtype, len(got), len(want))
		}
		for i := range want {
			if difference := math.Abs(got[i].Loss-want[i].Loss) / want[i].Loss; difference > c.tolerance {
				t.Errorf("%s: epoch %d, %s: loss %g, without a cache %g", c.dtype, got[i].Epoch, got[i].Phase, got[i].Loss, want[i].Loss)
			} else {
				t.Logf("%s: epoch %d, %s: relative difference %.1e", c.dtype, got[i].Epoch, got[i].Phase, difference)
			}
		}
		if _, err := os.Stat(filepath.Join(again.Run.Dir(), "cache")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the cache of a finished run stays: %v", c.dtype, err)
		}
	}

	_, err = train(t.Context(), "large", nil, cached("float32, limit_gb: 0.00001")...)
	wantError(t, err, "stage 2: key trunk_cache: 2.45e-05 GB of float32", "are above the limit of 1e-05 GB")
	if errors.Is(err, syscall.ENOSPC) {
		t.Error("a limit is taken for a full disk")
	}
}
