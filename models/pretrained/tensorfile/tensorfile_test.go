package tensorfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"testing"
)

// TestHalf checks every binary16 number against its definition, (−1)^s · 2^(e−15) · 1.f.
func TestHalf(t *testing.T) {
	var data []byte
	for bits := range 1 << 16 {
		data = binary.LittleEndian.AppendUint16(data, uint16(bits))
	}
	got, err := Floats("F16", data)
	if err != nil {
		t.Fatal(err)
	}
	for bits, v := range got {
		sign := 1 - 2*float64(bits>>15)
		exponent, fraction := bits>>10&0x1f, float64(bits&0x3ff)
		var want float64
		switch {
		case exponent == 0:
			want = math.Ldexp(fraction, -24)
		case exponent < 31:
			want = math.Ldexp(1+fraction/1024, exponent-15)
		case fraction == 0:
			want = math.Inf(1)
		default:
			if !math.IsNaN(float64(v)) {
				t.Errorf("%#04x gave %g, want NaN", bits, v)
			}
			continue
		}
		if float64(v) != sign*want || math.Signbit(float64(v)) != (sign < 0) {
			t.Errorf("%#04x gave %g, want %g", bits, v, sign*want)
		}
	}
}

func TestFloats(t *testing.T) {
	for _, c := range []struct {
		dtype string
		data  []byte
		want  float32
	}{
		{"BF16", []byte{0xc0, 0xbf}, -1.5},
		{"F32", []byte{0, 0, 0xc0, 0xbf}, -1.5},
		{"F64", binary.LittleEndian.AppendUint64(nil, math.Float64bits(0.1)), 0.1},
	} {
		got, err := Floats(c.dtype, c.data)
		if err != nil || len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %v, %v; want %g", c.dtype, got, err, c.want)
		}
	}
	if _, err := Floats("I64", make([]byte, 8)); err == nil {
		t.Error("integers were converted")
	}
}

// TestReadFloats reads more numbers than fit into a piece, from the middle of a file that ends too early.
func TestReadFloats(t *testing.T) {
	data := []byte("four")
	const n = 3*pieceBytes/4 + 5
	for i := range n {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(float64(i)))
	}
	got, err := ReadFloats(bytes.NewReader(data), 4, 8*n, "F64")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if v != float32(i) {
			t.Fatalf("number %d is %g", i, v)
		}
	}
	if len(got) != n {
		t.Errorf("%d numbers, want %d", len(got), n)
	}
	if _, err := ReadFloats(bytes.NewReader(data), 12, 8*n, "F64"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got error %v of a file that is too short", err)
	}
}

func TestElements(t *testing.T) {
	if n, err := Elements([]int{3, 0, 2}); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := Elements(nil); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for _, dims := range [][]int{{-1}, {math.MaxInt64, 2}, {1 << 40, 1 << 40}} {
		if _, err := Elements(dims); err == nil {
			t.Errorf("%v was accepted", dims)
		}
	}
}
