package sampling

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// ReadClusters reads the clusters of a table's rows, for Clusters: a CSV file with the header row,cluster or id,cluster.
// Ids are those of the table, by row. Rows the file does not name get NoCluster. Another header, a row or id that is not
// in the table or comes twice, and a cluster that is no whole number from 0 on are errors that name file and line.
func ReadClusters(path string, ids []string) ([]int32, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading clusters: %w", err)
	}
	defer f.Close()
	clusters, err := parseClusters(f, ids)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return clusters, nil
}

func parseClusters(r io.Reader, ids []string) ([]int32, error) {
	reader := csv.NewReader(r)
	reader.FieldsPerRecord = 2
	reader.ReuseRecord = true
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file is empty; want the header %q or %q", "row,cluster", "id,cluster")
	}
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	rowOf := parseRow(len(ids))
	switch header := strings.TrimPrefix(strings.Join(header, ","), "\ufeff"); header {
	case "row,cluster":
	case "id,cluster":
		rowOf = lookUp(ids)
	default:
		return nil, fmt.Errorf("line 1: header is %q; want %q or %q", header, "row,cluster", "id,cluster")
	}
	clusters := make([]int32, len(ids))
	for row := range clusters {
		clusters[row] = NoCluster
	}
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return clusters, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := reader.FieldPos(0)
		row, err := rowOf(fields[0])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if clusters[row] != NoCluster {
			return nil, fmt.Errorf("line %d: row %d (%s) has a cluster already", line, row, ids[row])
		}
		cluster, err := strconv.ParseInt(fields[1], 10, 32)
		if err != nil || cluster < 0 {
			return nil, fmt.Errorf("line %d: cluster %q is no whole number from 0 on", line, fields[1])
		}
		clusters[row] = int32(cluster)
	}
}

func parseRow(rows int) func(string) (int, error) {
	return func(text string) (int, error) {
		row, err := strconv.Atoi(text)
		if err != nil || row < 0 || row >= rows {
			return 0, fmt.Errorf("%q is none of the table's rows 0…%d", text, rows-1)
		}
		return row, nil
	}
}

func lookUp(ids []string) func(string) (int, error) {
	rows := make(map[string]int, len(ids))
	for row, id := range ids {
		rows[id] = row
	}
	return func(id string) (int, error) {
		row, ok := rows[id]
		if !ok {
			return 0, fmt.Errorf("id %q is not in the table", id)
		}
		return row, nil
	}
}
