package finetune

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/store"
	"github.com/longwing-ml/longwing/internal/checkout"
)

// stores are the decoded pictures of a run. Without a test set of their own, test is train.
type stores struct{ train, test *store.Store }

// openStores decodes the pictures to size×size pixels by a rule, or opens what an earlier run decoded. What it returns is
// to be closed also after an error.
func openStores(ctx context.Context, pictures *data.Pictures, size int, rule data.Resize, options Options, observer Observer) (stores, error) {
	var s stores
	dir := options.StoreDir
	if dir == "" {
		cache, err := checkout.CacheDir()
		if err != nil {
			return s, fmt.Errorf("finding a place for decoded pictures: %w", err)
		}
		dir = filepath.Join(cache, "stores")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return s, fmt.Errorf("making a place for decoded pictures: %w", err)
	}
	open := func(set *data.Set) (*store.Store, error) {
		what := fmt.Sprintf("decoding %s to %d×%d", set.Name, size, size)
		path := filepath.Join(dir, storeName(filesID(set), size, rule))
		built, err := store.Build(ctx, set, path, store.Options{
			Size:     size,
			Resize:   rule,
			Workers:  options.Workers,
			Progress: func(done, total int) { observer.Progress(what, done, total, "") },
		})
		if err != nil {
			return nil, err
		}
		for _, broken := range built.Broken() {
			observer.Say(fmt.Sprintf("left out: row %d (%s): %s", broken.Row, broken.ID, broken.Reason))
		}
		return built, nil
	}
	var err error
	if s.train, err = open(pictures.Train); err != nil {
		return s, err
	}
	s.test = s.train
	if pictures.Test != nil {
		s.test, err = open(pictures.Test)
	}
	return s, err
}

// storeName differs wherever the pixels do.
func storeName(filesID string, size int, rule data.Resize) string {
	name := fmt.Sprintf("%s-%d", filesID[:16], size)
	if rule.Complete() != (data.Resize{}).Complete() {
		name += "-" + strings.ReplaceAll(rule.String(), " ", "-")
	}
	return name + ".store"
}

// filesID identifies a set's table together with its files, by place, length and time of change, so that the pictures
// decoded from exchanged files, or from another folder with the same names, are not taken for these.
func filesID(set *data.Set) string {
	h := sha256.New()
	root, err := filepath.Abs(set.Root)
	if err != nil {
		root = set.Root // as good as it was given
	}
	fmt.Fprintf(h, "%s\n%q\n", set.Fingerprint(), root)
	for row := range set.Len() {
		if info, err := os.Stat(set.Path(row)); err == nil { // a missing one is reported by the store
			fmt.Fprintf(h, "%d %d %d\n", row, info.Size(), info.ModTime().UnixNano())
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// checksum identifies the decoded pictures.
func (s stores) checksum() string {
	h := sha256.New()
	for _, part := range []*store.Store{s.train, s.test} {
		for _, sum := range part.Checksums() {
			fmt.Fprintf(h, "%08x\n", sum)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (s stores) close() {
	if s.train != nil {
		_ = s.train.Close()
	}
	if s.test != nil && s.test != s.train {
		_ = s.test.Close()
	}
}
