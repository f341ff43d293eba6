package pretrained

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/models"
)

const maxConfig = 1 << 20 // bytes; timm's are below 2 KB

// timmConfig is timm's config.json, which lies beside the weights of each repository on the hub.
type timmConfig struct {
	Architecture string `json:"architecture"`
	Pretrained   struct {
		Mean          []float64 `json:"mean"`
		Std           []float64 `json:"std"`
		InputSize     []int     `json:"input_size"` // [channels, height, width]
		Crop          float64   `json:"crop_pct"`
		CropMode      string    `json:"crop_mode"`
		Interpolation string    `json:"interpolation"`
	} `json:"pretrained_cfg"`
}

// adoptConfig takes over how pictures were prepared from timm's config.json beside the file, if there is one of the same
// architecture. It speaks of torch files only.
func (c *content) adoptConfig(w *Weights) error {
	if c.style != torchStyle {
		return nil
	}
	path := filepath.Join(filepath.Dir(c.file.Path), "config.json")
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("configuration beside %s: %w", c.file.Path, err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxConfig))
	if err != nil {
		return fmt.Errorf("configuration beside %s: %w", c.file.Path, err)
	}
	var config timmConfig
	if json.Unmarshal(text, &config) != nil || config.Architecture != w.Model {
		return nil // some other program's
	}
	if timm, err := models.ConventionOf(w.Model, models.Timm); err == nil {
		w.Convention = timm
	}
	set := config.Pretrained
	if len(set.Mean) == 3 && len(set.Std) == 3 && min(set.Std[0], set.Std[1], set.Std[2]) > 0 {
		copy(w.Convention.Preprocess.Mean[:], set.Mean)
		copy(w.Convention.Preprocess.Std[:], set.Std)
	}
	pictures := &w.Convention.Pictures
	if len(set.InputSize) == 3 && set.InputSize[1] > 0 {
		pictures.Size = set.InputSize[1]
	}
	if set.Crop > 0 && set.Crop <= 1 {
		pictures.Crop = set.Crop
	}
	if set.CropMode == "squash" {
		pictures.Resize, pictures.Crop = "square", 0
	}
	if set.Interpolation == "bicubic" || set.Interpolation == "bilinear" {
		pictures.Interpolation = set.Interpolation
	}
	return nil
}
