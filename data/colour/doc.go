// Package colour finds groups of similarly coloured pictures within a class, so that a class can be cut down without
// losing its rare looks (package sampling's Clusters does the cutting).
//
// A picture is described by how often each hue and each saturation occurs in its middle; k-means forms the groups. Only
// the rows that are given are opened: give the training rows, or validation pictures decide what is trained on.
//
//	histograms, broken, err := colour.Histograms(ctx, set, rows, colour.Options{})
//	…
//	clusters, err := colour.Clusters(ctx, labels, histograms, colour.DefaultClusters, seed, 0, nil)
//
// The steps are those of the study's balanced_dataflow notebook. What that leaves open is decided so: scaling to
// 224 × 224 px is antialiased (OpenCV's, which may have been meant, is not); k-means has 10 starts, at most 300 steps
// each, as in the scikit-learn of the time, but goes on until no picture changes its cluster. The blur, the conversion
// to hue and saturation and the histograms are OpenCV's to the bit.
package colour
