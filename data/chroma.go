package data

import "image"

// lumaChroma reads rows of a picture stored as brightness and two colour differences, as JPEG and lossy WebP do. Where
// the colour has half the resolution, it is interpolated the way libjpeg and libwebp do it by default ("fancy
// upsampling": a triangle filter, weights ¾ and ¼); repeating the nearest value, as package image does, leaves edges of
// wrong colour.
type lumaChroma struct {
	img          *image.YCbCr
	halfX        bool // colour columns are half as many
	halfY        bool
	rows         int   // of colour
	sumB, sumR   []int // one colour row, weighted vertically
	fullB, fullR []byte
	toRGB        func(dst, luma, blue, red []byte)
}

func newLumaChroma(img *image.YCbCr, format string) *lumaChroma {
	s := &lumaChroma{img: img, toRGB: jpegToRGB}
	if format == "WebP" {
		s.toRGB = studioToRGB
	}
	width, height := img.Rect.Dx(), img.Rect.Dy()
	s.rows = height
	columns := width
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		s.halfX, s.halfY = true, true
	case image.YCbCrSubsampleRatio422:
		s.halfX = true
	case image.YCbCrSubsampleRatio440:
		s.halfY = true
	}
	if s.halfX {
		columns = (width + 1) / 2
	}
	if s.halfY {
		s.rows = (height + 1) / 2
	}
	if columns <= 2 && s.halfX { // libjpeg does without interpolation here
		s.halfX, s.halfY = false, false
	}
	s.sumB, s.sumR = make([]int, columns), make([]int, columns)
	s.fullB, s.fullR = make([]byte, width), make([]byte, width)
	return s
}

func (s *lumaChroma) row(y int, dst []byte) {
	luma := s.img.Y[y*s.img.YStride:][:len(dst)/3]
	switch {
	case s.halfX || s.halfY:
		s.upsample(y, s.img.Cb, s.sumB, s.fullB)
		s.upsample(y, s.img.Cr, s.sumR, s.fullR)
	case s.img.SubsampleRatio == image.YCbCrSubsampleRatio444:
		copy(s.fullB, s.img.Cb[y*s.img.CStride:])
		copy(s.fullR, s.img.Cr[y*s.img.CStride:])
	default: // the rare 4:1:1 and 4:1:0
		for x := range luma {
			i := s.img.COffset(s.img.Rect.Min.X+x, s.img.Rect.Min.Y+y)
			s.fullB[x], s.fullR[x] = s.img.Cb[i], s.img.Cr[i]
		}
	}
	s.toRGB(dst, luma, s.fullB, s.fullR)
}

// upsample interpolates one colour channel for row y. The rounding alternates between pixels so that it adds no bias.
func (s *lumaChroma) upsample(y int, channel []byte, sums []int, full []byte) {
	near, far := y, y
	weight, bias := 4, 2 // of near+far, and the rounding when columns are not interpolated
	if s.halfY {
		near = y / 2
		far, bias = near-1, 1
		if y%2 == 1 {
			far, bias = near+1, 2
		}
		far = min(max(far, 0), s.rows-1)
		weight = 3
	}
	nearRow := channel[near*s.img.CStride:][:len(sums)]
	farRow := channel[far*s.img.CStride:][:len(sums)]
	for i := range sums {
		sums[i] = weight*int(nearRow[i]) + (4-weight)*int(farRow[i])
	}
	if !s.halfX {
		for i, sum := range sums {
			full[i] = byte((sum + bias) >> 2)
		}
		return
	}
	evenBias, oddBias := 8, 7
	if !s.halfY {
		evenBias, oddBias = 4, 8
	}
	last := len(sums) - 1
	for i, sum := range sums {
		left, right := sums[max(i-1, 0)], sums[min(i+1, last)]
		full[2*i] = byte((3*sum + left + evenBias) >> 4)
		if 2*i+1 < len(full) {
			full[2*i+1] = byte((3*sum + right + oddBias) >> 4)
		}
	}
}

// jpegToRGB converts with the full-range BT.601 coefficients of the JFIF standard, in 16-bit fixed point.
func jpegToRGB(dst, luma, blue, red []byte) {
	const round = 1 << 15
	blue, red = blue[:len(luma)], red[:len(luma)]
	for x, level := range luma {
		y, cb, cr := int32(level), int32(blue[x])-128, int32(red[x])-128
		pixel := dst[3*x : 3*x+3]
		pixel[0] = clip(y + (91881*cr+round)>>16)
		pixel[1] = clip(y + (-22554*cb-46802*cr+round)>>16)
		pixel[2] = clip(y + (116130*cb+round)>>16)
	}
}

// studioToRGB converts with the BT.601 coefficients for brightness in 16…235, which WebP stores; the fixed-point
// numbers are those of libwebp.
func studioToRGB(dst, luma, blue, red []byte) {
	blue, red = blue[:len(luma)], red[:len(luma)]
	for x, level := range luma {
		y, u, v := int32(level)*19077>>8, int32(blue[x]), int32(red[x])
		pixel := dst[3*x : 3*x+3]
		pixel[0] = clip((y + v*26149>>8 - 14234) >> 6)
		pixel[1] = clip((y - u*6419>>8 - v*13320>>8 + 8708) >> 6)
		pixel[2] = clip((y + u*33050>>8 - 17685) >> 6)
	}
}

func clip(level int32) byte { return byte(min(max(level, 0), 255)) }
