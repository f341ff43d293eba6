package garden

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"image/color"
	"os"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

var update = flag.Bool("update", false, "write testdata/pictures.sha256 anew")

func sameColour(a, b color.Color) bool {
	r1, g1, b1, a1 := a.RGBA()
	r2, g2, b2, a2 := b.RGBA()
	return r1 == r2 && g1 == g2 && b1 == b2 && a1 == a2
}

// TestSamePicturesEverywhere compares pictures with digests made on amd64. It is the proof of "same bytes on every
// platform" where it runs on another one, for example under qemu.
func TestSamePicturesEverywhere(t *testing.T) {
	const path = "testdata/pictures.sha256"
	var text bytes.Buffer
	for species := range 2 * len(plans) * speciesPerGenus {
		for picture := range 3 {
			size, seed := 40+8*(species%3), uint64(species%2)
			sum := sha256.Sum256(Draw(species, picture, size, seed).Pix)
			fmt.Fprintf(&text, "species %d picture %d size %d seed %d: %x\n", species, picture, size, seed, sum)
		}
	}
	if *update {
		if err := atomicfile.WriteBytes(path, text.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := bufio.NewScanner(f)
	for got := range strings.Lines(text.String()) {
		if !want.Scan() || want.Text() != strings.TrimSuffix(got, "\n") {
			t.Fatalf("got %s, %s has %q (a wanted change of the drawings: raise drawingVersion and run with -update)", got, path, want.Text())
		}
	}
}

func TestDrawIsPure(t *testing.T) {
	used := newPainter(48)
	for species := range 2 * len(plans) * speciesPerGenus {
		used.draw(species+5, 9, 2) // leaves its traces in the buffers
		if !bytes.Equal(used.draw(species, 1, 2).Pix, Draw(species, 1, 48, 2).Pix) {
			t.Errorf("species %d: a painter that was used before draws another picture", species)
		}
	}
}

func TestAnyArguments(t *testing.T) {
	for _, c := range []struct{ species, picture, size int }{{-1, -1, -1}, {1 << 20, 1 << 40, 16}, {0, 0, 17}, {999_999, 3, 33}} {
		img := Draw(c.species, c.picture, c.size, 1<<63)
		if side := img.Bounds().Dx(); side != max(c.size, MinSize) {
			t.Errorf("Draw(%d, %d, %d): %d px", c.species, c.picture, c.size, side)
		}
	}
}

// TestInsectsAreThere looks at the layers: the insect covers a sane share of the picture, little of it is hidden, and
// neither picture nor insect is of one colour.
func TestInsectsAreThere(t *testing.T) {
	p := newPainter(64)
	for species := range 3 * len(plans) * speciesPerGenus {
		for picture := range 4 {
			img := p.draw(species, picture, 0)
			insect, hidden := 0.0, 0.0
			for i := 3; i < len(p.insect.pix); i += 4 {
				insect += p.insect.pix[i]
				hidden += mul(p.insect.pix[i], p.front.pix[i])
			}
			if share := insect / (64 * 64); share < 0.035 || share > 0.75 {
				t.Errorf("species %d (%s), picture %d: the insect covers %.3f of the picture", species, Name(species, 0), picture, share)
			}
			if hidden > 0.62*insect {
				t.Errorf("species %d, picture %d: %.2f of the insect is hidden", species, picture, hidden/insect)
			}
			if spread(img.Pix) < 8 {
				t.Errorf("species %d, picture %d: blank (standard deviation %.1f)", species, picture, spread(img.Pix))
			}
		}
	}
}

func spread(pix []uint8) float64 {
	n, total, squares := 0.0, 0.0, 0.0
	for i, v := range pix {
		if i%4 < 3 {
			n++
			total += float64(v)
			squares += float64(v) * float64(v)
		}
	}
	mean := total / n
	return sqrt(squares/n - mean*mean)
}

// TestSpeciesDiffer classifies pictures by the insect's mean colour alone. That must tell far more than chance (the
// species differ) and far less than all (colour is not enough: close species and individuals overlap).
func TestSpeciesDiffer(t *testing.T) {
	const species, pictures = 24, 8
	p := newPainter(48)
	features := make([][][4]float64, species)
	for s := range species {
		for picture := range pictures {
			p.draw(s, picture, 0)
			var f [4]float64
			for i := 0; i < len(p.insect.pix); i += 4 {
				for k := range 4 {
					f[k] += p.insect.pix[i+k]
				}
			}
			total := f[0] + f[1] + f[2]
			features[s] = append(features[s], [4]float64{f[0] / total, f[1] / total, f[2] / total, f[3] / (48 * 48)})
		}
	}
	hits := 0
	for s := range species {
		for held := range pictures {
			best, nearest := -1, 1e9
			for other := range species {
				var mean [4]float64
				n := 0.0
				for i, f := range features[other] {
					if other == s && i == held {
						continue
					}
					n++
					for k := range f {
						mean[k] += f[k]
					}
				}
				distance := 0.0
				for k := range mean {
					d := features[s][held][k] - mean[k]/n
					distance += d * d
				}
				if distance < nearest {
					best, nearest = other, distance
				}
			}
			if best == s {
				hits++
			}
		}
	}
	accuracy := float64(hits) / (species * pictures)
	t.Logf("accuracy by mean colour: %.3f, chance %.3f", accuracy, 1.0/species)
	if accuracy < 0.15 || accuracy > 0.85 {
		t.Errorf("accuracy by mean colour is %.3f, want between 0.15 and 0.85", accuracy)
	}
}
