// Package data turns pictures on disk into a table: one row a picture, with an id, a class number and a way to open it.
//
// It reads folders of pictures (the folder's name is the class) and the study's kit (train.csv, test.csv,
// class_codes.csv and imgs/<id>), describes how the classes are spread, divides rows between training and test so that
// every class keeps its share, and decodes pictures of many formats into plain RGB. Splitting and counting work on row
// numbers; no picture is opened for them.
//
//	pictures, err := data.Open("flowers")
//	if err != nil {
//		return err
//	}
//	stats := data.Describe(pictures.Train.Labels, pictures.Train.NumClasses())
//	fmt.Println(stats.Rows, stats.Max, stats.Gini)
//	train, valid, err := pictures.Train.Split(0.2, seed)
package data
