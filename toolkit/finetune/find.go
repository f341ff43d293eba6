package finetune

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/longwing-ml/longwing/models/pretrained/hub"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// FindWeights returns the file that is meant by weights: the best checkpoint of a run directory, a file, or the file of
// the published weights of that name (package hub; "timm/" may stand before timm's), which is fetched unless it is in a
// cache. An observer, which may be nil, is told of the progress.
func FindWeights(ctx context.Context, weights string, observer Observer) (string, error) {
	info, err := os.Stat(weights)
	if err == nil && info.IsDir() {
		best := filepath.Join(run.CheckpointDirOf(weights), bestName)
		if _, err := os.Stat(best); err != nil {
			return "", fmt.Errorf("%s is a folder, but no run with a best checkpoint: %w", weights, err)
		}
		return best, nil
	}
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return weights, err
	}
	if _, _, err := hub.Find(hubName(weights)); err != nil {
		return "", fmt.Errorf("there is no file or run %s, and %w", weights, err)
	}
	fetched, err := FetchWeights(ctx, weights, hub.Options{}, observer)
	return fetched.Path, err
}

// FetchWeights is hub.Fetch that tells an observer, which may be nil, of the progress, and takes "timm/" before the names
// of timm's weights. With weights of a repository comes their config.json, for package pretrained to find beside them;
// a repository may lack it.
func FetchWeights(ctx context.Context, name string, options hub.Options, observer Observer) (hub.Fetched, error) {
	if observer == nil {
		observer = silent{}
	}
	options.Progress, options.Log = fetching(name, observer), observer.Say
	fetched, err := hub.Fetch(ctx, hubName(name), options)
	if err != nil || fetched.Repo == "" {
		return fetched, err
	}
	options.File, options.Revision, options.Progress = hub.ConfigFile, fetched.Revision, nil
	if _, err := hub.Fetch(ctx, fetched.Name, options); err != nil {
		if ctx.Err() != nil {
			return fetched, err
		}
		observer.Say(fmt.Sprintf("preprocessing is taken from the network's library: %v", err))
	}
	return fetched, nil
}

func hubName(weights string) string { return strings.TrimPrefix(weights, hub.Timm+"/") }

const megabyte = 1_000_000

// fetching reports whole megabytes.
func fetching(name string, observer Observer) func(done, total int64) {
	last := int64(-1)
	return func(done, total int64) {
		now, all := done/megabyte, (total+megabyte-1)/megabyte
		if done >= total {
			now = all
		}
		if total <= 0 || now == last {
			return
		}
		last = now
		observer.Progress("fetching "+name, int(now), int(all), "MB")
	}
}
