package data

import (
	"bytes"
	"encoding/binary"
	"image"
	"iter"
)

// The orientation functions return 1, "as stored", for anything it can't make sense of: a damaged note on how to turn a
// picture is no reason to refuse it.

// exifOrientation reads tag 0x0112 of the first directory of a TIFF structure, which is what EXIF data is.
func exifOrientation(tiff []byte) int {
	const upright, tagOrientation, typeShort, entrySize = 1, 0x0112, 3, 12
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	offset := uint64(order.Uint32(tiff[4:]))
	if offset+2 > uint64(len(tiff)) {
		return upright
	}
	entries := tiff[offset+2:]
	for range order.Uint16(tiff[offset:]) {
		if len(entries) < entrySize {
			return upright
		}
		if order.Uint16(entries) == tagOrientation {
			value := int(order.Uint16(entries[8:]))
			if order.Uint16(entries[2:]) != typeShort || value < 1 || value > 8 {
				return upright
			}
			return value
		}
		entries = entries[entrySize:]
	}
	return upright
}

var exifPrefix = []byte("Exif\x00\x00")

// jpegSegments yields the markers of a JPEG file and what they hold, up to the picture data.
func jpegSegments(content []byte) iter.Seq2[byte, []byte] {
	const startOfScan = 0xda
	return func(yield func(marker byte, segment []byte) bool) {
		rest := content[2:] // after start-of-image
		for len(rest) >= 4 && rest[0] == 0xff {
			if rest[1] == 0xff { // fill byte
				rest = rest[1:]
				continue
			}
			marker, length := rest[1], 2+int(binary.BigEndian.Uint16(rest[2:]))
			if marker == startOfScan || length < 4 || length > len(rest) || !yield(marker, rest[4:length]) {
				return
			}
			rest = rest[length:]
		}
	}
}

// jpegOrientation looks for an APP1 segment with EXIF data.
func jpegOrientation(content []byte) int {
	const app1 = 0xe1
	for marker, segment := range jpegSegments(content) {
		if marker == app1 && bytes.HasPrefix(segment, exifPrefix) {
			return exifOrientation(segment[len(exifPrefix):])
		}
	}
	return 1
}

// pngOrientation looks for an eXIf chunk.
func pngOrientation(content []byte) int {
	return chunkOrientation(content[8:], "eXIf", func(header []byte) (name string, length, padding uint64) {
		return string(header[4:8]), uint64(binary.BigEndian.Uint32(header)), 4 // a checksum follows
	})
}

// webpOrientation looks for an EXIF chunk.
func webpOrientation(content []byte) int {
	return chunkOrientation(content[12:], "EXIF", func(header []byte) (name string, length, padding uint64) {
		length = uint64(binary.LittleEndian.Uint32(header[4:]))
		return string(header[:4]), length, length % 2
	})
}

// chunkOrientation walks over chunks with an 8-byte header until the wanted one.
func chunkOrientation(chunks []byte, wanted string, parse func(header []byte) (name string, length, padding uint64)) int {
	for len(chunks) >= 8 {
		name, length, padding := parse(chunks)
		if 8+length > uint64(len(chunks)) {
			break
		}
		if name == wanted {
			return exifOrientation(bytes.TrimPrefix(chunks[8:8+length], exifPrefix))
		}
		chunks = chunks[min(8+length+padding, uint64(len(chunks))):]
	}
	return 1
}

// orient returns a picture of width × height px, channels bytes each, turned the way an EXIF orientation says. The
// result is pix itself when there is nothing to do.
func orient(pix []byte, width, height, channels, orientation int) (turned []byte, newWidth, newHeight int) {
	if orientation <= 1 || orientation > 8 {
		return pix, width, height
	}
	newWidth, newHeight = width, height
	if swapsSides(orientation) {
		newWidth, newHeight = height, width
	}
	turned = make([]byte, len(pix))
	for y := range newHeight {
		for x := range newWidth {
			fromX, fromY := storedPixel(x, y, width, height, orientation)
			to, from := channels*(y*newWidth+x), channels*(fromY*width+fromX)
			copy(turned[to:to+channels], pix[from:from+channels])
		}
	}
	return turned, newWidth, newHeight
}

func swapsSides(orientation int) bool { return orientation >= 5 }

// storedPixel is the place, in a picture stored with width × height px, of the pixel that is at (x, y) when it is turned.
func storedPixel(x, y, width, height, orientation int) (fromX, fromY int) {
	right, bottom := width-1, height-1
	switch orientation {
	case 2: // mirrored
		return right - x, y
	case 3: // upside down
		return right - x, bottom - y
	case 4:
		return x, bottom - y
	case 5: // transposed
		return y, x
	case 6: // to be turned clockwise
		return y, bottom - x
	case 7:
		return right - y, bottom - x
	case 8: // to be turned anticlockwise
		return right - y, x
	}
	return x, y
}

// storedWindow is the place of a window of the turned picture.
func storedWindow(window image.Rectangle, width, height, orientation int) image.Rectangle {
	x0, y0 := storedPixel(window.Min.X, window.Min.Y, width, height, orientation)
	x1, y1 := storedPixel(window.Max.X-1, window.Max.Y-1, width, height, orientation)
	return image.Rect(min(x0, x1), min(y0, y1), max(x0, x1)+1, max(y0, y1)+1)
}
