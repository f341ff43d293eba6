package pretrained

import (
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/models"
)

// TestDamagedDescription: a convention that is not whole would give other logits without a word.
func TestDamagedDescription(t *testing.T) {
	for damage, want := range map[string]string{
		`"epsilon":0.00001→"eps":0.00001`:        "convention: batch normalisation with epsilon 0",
		`"channel_order":"RGB"→"order":"RGB"`:    `convention: unknown channel order ""`,
		`"source":"torchvision"→"source":"slim"`: `"slim"`,
		`"densenet_mini"→"resnet50"`:             `unknown model "resnet50"`,
		`}→`:                                     "longwing.network",
	} {
		file := mini(t, models.Torchvision, 5)
		old, new, _ := strings.Cut(damage, "→")
		text := strings.ReplaceAll(file.Metadata[descriptionKey], old, new)
		if text == file.Metadata[descriptionKey] {
			t.Fatalf("%s is not in %s", old, text)
		}
		file.Metadata[descriptionKey] = text
		if _, err := Recognise(file); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file.Path) {
			t.Errorf("%s: got %v, want %s", damage, err, want)
		}
	}
}

// TestOtherMean: what a config.json changed can't be written, and the two modes alone would not say why.
func TestOtherMean(t *testing.T) {
	w := recognise(t, mini(t, models.Timm, 5))
	w.Convention.Preprocess.Mean[0] = 0.5
	if _, _, err := Convert(w, models.Timm); err == nil || !strings.Contains(err.Error(), "mean [0.5 0.456 0.406] and std [0.229 0.224 0.225] instead of [0.485 0.456 0.406]") {
		t.Errorf("got %v", err)
	}
}
