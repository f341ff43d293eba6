package data

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// golden is what Pillow makes of a picture in testdata/pictures; testdata/make_pictures.py writes it.
type golden struct {
	File  string
	Size  [2]int
	RGB   string // base64 of zlib
	Small []byte // 16x16 px
}

func readGolden(t *testing.T) []golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (g golden) rgb(t *testing.T) []byte {
	t.Helper()
	reader, err := zlib.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(g.RGB)))
	if err != nil {
		t.Fatal(err)
	}
	rgb, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return rgb
}

func TestDecodeEqualsPillow(t *testing.T) {
	for _, g := range readGolden(t) {
		t.Run(g.File, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("testdata", "pictures", g.File))
			if err != nil {
				t.Fatal(err)
			}
			tolerance := 0
			switch { // decoders may round differently where a format is lossy
			case strings.Contains(g.File, "lossy"):
				tolerance = 3
			case strings.HasSuffix(g.File, ".jpg"):
				tolerance = 2
			}
			img, err := Decode(bytes.NewReader(content), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if img.Rect != image.Rect(0, 0, g.Size[0], g.Size[1]) {
				t.Fatalf("size %v, want %v", img.Rect, g.Size)
			}
			var rgb []byte
			for i := 0; i < len(img.Pix); i += 4 {
				rgb = append(rgb, img.Pix[i:i+3]...)
				if img.Pix[i+3] != 255 {
					t.Fatalf("alpha %d, want 255", img.Pix[i+3])
				}
			}
			compare(t, "decoded", rgb, g.rgb(t), tolerance)
			small := make([]byte, 16*16*3)
			if err := new(Decoder).Square(small, 16, content); err != nil {
				t.Fatal(err)
			}
			compare(t, "scaled", small, g.Small, max(tolerance, 1))
		})
	}
}

func compare(t *testing.T, what string, got, want []byte, tolerance int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d bytes, want %d", what, len(got), len(want))
	}
	worst, sum := 0, 0
	for i := range got {
		difference := int(got[i]) - int(want[i])
		if difference < 0 {
			difference = -difference
		}
		worst, sum = max(worst, difference), sum+difference
	}
	mean := float64(sum) / float64(len(got))
	if worst > tolerance || mean > 0.2 {
		t.Errorf("%s: differs from Pillow (testdata/make_pictures.py) by up to %d levels, %.3f on average; want at most %d, 0.2", what, worst, mean, tolerance)
	}
}

func readPicture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "pictures", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// hugePNG is a PNG header that claims a size; there is nothing behind it.
func hugePNG(width, height uint32) []byte {
	header := []byte("IHDR")
	header = binary.BigEndian.AppendUint32(header, width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, 8, 6, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	file = append(file, header...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
}

func TestDecodeErrors(t *testing.T) {
	jpg, pngFile, webp := readPicture(t, "rgb-420.jpg"), readPicture(t, "rgb.png"), readPicture(t, "lossy.webp")
	tests := map[string]struct {
		content []byte
		says    []string
	}{
		"empty":                {nil, []string{"empty"}},
		"text":                 {[]byte("hello there, this is text"), []string{"not a JPEG", `"hello th"`}},
		"web page":             {[]byte("\n<!DOCTYPE html><html>"), []string{"an HTML page"}},
		"drawing":              {[]byte("<svg xmlns='x'>"), []string{"an SVG drawing"}},
		"HEIC":                 {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), []string{`"heic"`}},
		"LFS pointer":          {[]byte("version https://git-lfs.github.com/spec/v1"), []string{"Git LFS pointer"}},
		"start of a JPEG":      {jpg[:3], []string{"broken JPEG", "cut off"}},
		"JPEG header":          {jpg[:100], []string{"broken JPEG", "cut off"}},
		"half a JPEG":          {jpg[:len(jpg)/2], []string{"broken JPEG", "cut off"}},
		"half a PNG":           {pngFile[:len(pngFile)/2], []string{"broken PNG"}},
		"PNG signature":        {pngFile[:8], []string{"broken PNG", "cut off"}},
		"half a WebP":          {webp[:len(webp)/2], []string{"broken WebP"}},
		"PNG without pixels":   {hugePNG(10, 10), []string{"broken PNG", "cut off"}},
		"169 megapixels":       {hugePNG(13000, 13000), []string{"too large", "13000x13000", "169.0 megapixels", "50"}},
		"an endless line":      {hugePNG(1, 70000), []string{"too large", "1x70000", "65535"}},
		"more than 2^62":       {hugePNG(1<<31-1, 1<<31-1), []string{"broken PNG"}},
		"PNG of no size":       {hugePNG(0, 10), []string{"broken PNG"}},
		"GIF of no size":       {[]byte("GIF89a\x00\x00\x05\x00\x00\x00\x00"), []string{"broken GIF", "0x5"}},
		"TIFF without content": {[]byte("II*\x00\x08\x00\x00\x00"), []string{"broken TIFF"}},
		"BMP without content":  {[]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), []string{"broken BMP"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(bytes.NewReader(test.content), Limits{})
			wantError(t, err, test.says...)
			wantError(t, new(Decoder).Square(make([]byte, 12), 2, test.content), test.says...)
		})
	}
}

func TestPixelLimit(t *testing.T) {
	content := readPicture(t, "rgb.png") // 45x31 = 1395 px
	if _, err := Decode(bytes.NewReader(content), Limits{MaxPixels: 1395}); err != nil {
		t.Error(err)
	}
	_, err := Decode(bytes.NewReader(content), Limits{MaxPixels: 1394})
	wantError(t, err, "45x31")
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v does not wrap ErrTooLarge", err)
	}
}

func TestReadHeaderNeedsOnlyTheStart(t *testing.T) {
	for _, name := range []string{"rgb-420.jpg", "rgb.png", "lossless.webp", "still.gif", "rgb.bmp"} {
		content := readPicture(t, name)
		header, err := ReadHeader(content[:len(content)*2/3], Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if header.Width != 45 || header.Height != 31 || header.Memory < 45*31 {
			t.Errorf("%s: header %+v, want 45x31 px", name, header)
		}
	}
}

func TestMemoryEstimate(t *testing.T) {
	for name, pixelBytes := range map[string]int64{
		"rgb-420.jpg": 3, "progressive.jpg": 15, "grey.jpg": 1, "cmyk.jpg": 8, "rgb.png": 4, "rgba.png": 4, "palette.png": 1,
		"rgb-16-bit.png": 8, "grey-16-bit.png": 2, "still.gif": 2,
	} {
		header, err := ReadHeader(readPicture(t, name), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := header.Memory, 45*31*pixelBytes; got != want {
			t.Errorf("%s: %d bytes to decode, want %d a pixel", name, got, pixelBytes)
		}
	}
}

// A decoder that panics must not take the program down.
func TestPanicBecomesError(t *testing.T) {
	formats["PNG"].decode = panics
	defer func() { formats["PNG"].decode = png.Decode }()
	_, err := Decode(bytes.NewReader(readPicture(t, "rgb.png")), Limits{})
	wantError(t, err, "broken PNG", "index out of range")
}

func panics(io.Reader) (image.Image, error) {
	var empty []int
	return nil, errors.New(string(rune(empty[len(os.Args)])))
}

func TestSmallGIFFrameLiesOnBlack(t *testing.T) {
	frame := image.NewPaletted(image.Rect(2, 1, 4, 3), color.Palette{color.RGBA{200, 100, 50, 255}})
	var file bytes.Buffer
	err := gif.EncodeAll(&file, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 6, Height: 4}})
	if err != nil {
		t.Fatal(err)
	}
	img, err := Decode(&file, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for y := range 4 {
		for x := range 6 {
			want := color.RGBA{A: 255}
			if (image.Point{x, y}).In(frame.Rect) {
				want = color.RGBA{200, 100, 50, 255}
			}
			if got := img.RGBAAt(x, y); got != want {
				t.Errorf("(%d,%d) is %v, want %v", x, y, got, want)
			}
		}
	}
}

// All colour resolutions of a flat JPEG give the same flat picture, also where sides are odd or a single px.
func TestFlatJPEG(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {2, 3}, {5, 4}, {6, 1}, {17, 33}} {
		src := image.NewRGBA(image.Rectangle{Max: size})
		for i := 0; i < len(src.Pix); i += 4 {
			copy(src.Pix[i:], []byte{200, 90, 40, 255})
		}
		var file bytes.Buffer
		if err := jpeg.Encode(&file, src, &jpeg.Options{Quality: 100}); err != nil {
			t.Fatal(err)
		}
		img, err := Decode(&file, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(img.Pix); i += 4 {
			for c, want := range []int{200, 90, 40} {
				if got := int(img.Pix[i+c]); got < want-3 || got > want+3 {
					t.Fatalf("%v px: byte %d is %d, want about %d", size, i+c, got, want)
				}
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"exif-6.jpg", "progressive.jpg", "palette-transparent.png", "exif-6.webp", "lossy.webp", "still.gif", "rgb.bmp", "lzw.tif"} {
		f.Add(readPicture(f, name))
	}
	var decoder Decoder
	decoder.Limits.MaxPixels = 1e6
	dst := make([]byte, 8*8*3)
	f.Fuzz(func(t *testing.T, content []byte) {
		img, err := Decode(bytes.NewReader(content), decoder.Limits)
		if (err == nil) != (decoder.Square(dst, 8, content) == nil) {
			t.Error("Decode and Square disagree whether the picture is broken")
		}
		if err == nil && len(img.Pix) != 4*img.Rect.Dx()*img.Rect.Dy() {
			t.Errorf("%d bytes for %v", len(img.Pix), img.Rect)
		}
	})
}

func BenchmarkSquare(b *testing.B) {
	src := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range src.Pix {
		src.Pix[i] = byte(i * 7 / (1 + i%640))
	}
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, src, &jpeg.Options{Quality: 90}); err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 224*224*3)
	var decoder Decoder
	for b.Loop() {
		if err := decoder.Square(dst, 224, jpg.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}
