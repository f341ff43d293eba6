package garden

import "testing"

// BenchmarkDraw draws pictures of the default size, all species in turn.
func BenchmarkDraw(b *testing.B) {
	p := newPainter(DefaultSize)
	i := 0
	for b.Loop() {
		p.draw(i%DefaultSpecies, i/DefaultSpecies, 1)
		i++
	}
}
