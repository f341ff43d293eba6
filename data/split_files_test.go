package data

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var tableIDs = []string{"ant", "7", "bee", "a/wasp.jpg"}

var partsFiles = map[string]struct {
	text string
	want *Parts // nil for an error
	says string
}{
	"all":          {"id,part\nbee,test\nant,train\n7,valid\na/wasp.jpg,train\n", &Parts{Train: []int{0, 3}, Valid: []int{1}, Test: []int{2}}, ""},
	"some":         {"\ufeffid,part\r\n7,train\r\n", &Parts{Train: []int{1}, Test: []int{}}, ""},
	"no training":  {"id,part\n7,test\n", nil, "no row is for training"},
	"empty":        {"", nil, "empty"},
	"other header": {"id,class\n7,0\n", nil, `"id,class"`},
	"unknown id":   {"id,part\n7,train\nfly,train\n", nil, `row 1 (line 3): id "fly" is not in the table`},
	"twice":        {"id,part\n7,train\n7,test\n", nil, `row 1 (line 3): id "7" comes twice`},
	"other part":   {"id,part\n7,Train\n", nil, `part "Train" is none of`},
	"fields":       {"id,part\n7\n", nil, "row 0 (line 2): 1 fields"},
}

var groupsFiles = map[string]struct {
	text string
	want []string // nil for an error
	says string
}{
	"all":         {"id,group\nbee,x\nant,y\n7,x\na/wasp.jpg,\"1,2\"\n", []string{"y", "x", "x", "1,2"}, ""},
	"some":        {"id,group\nbee,x\n7,x\n", nil, "no group for row 0 (ant)"},
	"empty group": {"id,group\nbee,\n", nil, "row 0 (line 2): the group is empty"},
	"twice":       {"id,group\n7,x\n7,x\n", nil, "comes twice"},
	"unknown id":  {"id,group\nfly,x\n", nil, "not in the table"},
	"header":      {"id,part\n7,x\n", nil, `"id,group"`},
}

func TestReadParts(t *testing.T) {
	for name, test := range partsFiles {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(writeTree(t, map[string]string{"parts.csv": test.text}), "parts.csv")
			got, err := ReadParts(path, tableIDs)
			if test.want == nil {
				wantError(t, err, path, test.says)
			} else if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("parts %+v (%v), want %+v", got, err, test.want)
			}
		})
	}
}

func TestReadGroups(t *testing.T) {
	for name, test := range groupsFiles {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(writeTree(t, map[string]string{"groups.csv": test.text}), "groups.csv")
			got, err := ReadGroups(path, tableIDs)
			if test.want == nil {
				wantError(t, err, path, test.says)
			} else if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("groups %q (%v), want %q", got, err, test.want)
			}
		})
	}
}

// fuzzFile calls read with files of the fuzzed content; errors must name the file in one line.
func fuzzFile(f *testing.F, read func(t *testing.T, path string) error) {
	path := filepath.Join(f.TempDir(), "table.csv")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := read(t, path); err != nil && (!strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("error %q is not one line that names the file", err)
		}
	})
}

func FuzzReadParts(f *testing.F) {
	for _, test := range partsFiles {
		f.Add([]byte(test.text))
	}
	fuzzFile(f, func(t *testing.T, path string) error {
		parts, err := ReadParts(path, tableIDs)
		if err != nil {
			return err
		}
		all := slices.Sorted(slices.Values(slices.Concat(parts.Train, parts.Valid, parts.Test)))
		if len(parts.Train) == 0 || len(slices.Compact(all)) != len(all) || all[0] < 0 || all[len(all)-1] >= len(tableIDs) {
			t.Errorf("accepted parts %+v", parts)
		}
		return nil
	})
}

func FuzzReadGroups(f *testing.F) {
	for _, test := range groupsFiles {
		f.Add([]byte(test.text))
	}
	fuzzFile(f, func(t *testing.T, path string) error {
		groups, err := ReadGroups(path, tableIDs)
		if err == nil && (len(groups) != len(tableIDs) || slices.Contains(groups, "")) {
			t.Errorf("accepted groups %q", groups)
		}
		return err
	})
}

func FuzzReadClassNames(f *testing.F) {
	for _, text := range []string{
		"class,taxa_name\n1,\"Bees <Apis, Bombus>\"\n0,Ants\n", "\ufeffclass,taxa_name\r\n0,x\r\n", "class,taxa_name\n0,x\n2,y\n",
		"class,taxa_name\n0, \n", "class,taxa_name\n0,b\xe9e\n", "class,taxa_name\n\"0,x\n", "class,taxa_name\n-1,x\n999999,y\n",
	} {
		f.Add([]byte(text))
	}
	fuzzFile(f, func(t *testing.T, path string) error {
		names, err := ReadClassNames(path)
		if err == nil && (len(names) == 0 || slices.Contains(names, "")) {
			t.Errorf("accepted names %q", names)
		}
		return err
	})
}
