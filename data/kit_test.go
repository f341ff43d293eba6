package data

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/studydata"
)

func TestOpenKit(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"train.csv":       "\ufeffid,class\r\n70,1\r\n\"8\",0\r\n9,1\r\n",
		"test.csv":        "id,class\n11,0\n",
		"class_codes.csv": "class,taxa_name\n1,\"Bees <Apis, Bombus>\"\n0,Ants\n",
		"imgs/70":         "pixels",
	})
	pictures, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	train, test := pictures.Train, pictures.Test
	if pictures.Kind != Kit || !slices.Equal(train.IDs, []string{"70", "8", "9"}) || !slices.Equal(train.Labels, []int32{1, 0, 1}) {
		t.Errorf("kind %q, ids %q, labels %v", pictures.Kind, train.IDs, train.Labels)
	}
	if !slices.Equal(train.ClassNames, []string{"Ants", "Bees <Apis, Bombus>"}) || !slices.Equal(train.Counts(), []int{1, 2}) {
		t.Errorf("classes %q, counts %v", train.ClassNames, train.Counts())
	}
	if !slices.Equal(test.IDs, []string{"11"}) || test.Name != "test" {
		t.Errorf("test set %s with ids %q", test.Name, test.IDs)
	}
	if want := filepath.Join(dir, "imgs", "70"); train.Path(0) != want {
		t.Errorf("path %s, want %s", train.Path(0), want)
	}
	f, err := train.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	_, err = train.Open(1)
	wantError(t, err, "row 1", "no such file")
}

func TestOpenKitWithoutNamesOrTest(t *testing.T) {
	pictures, err := OpenKit(writeTree(t, map[string]string{"train.csv": "id,class\na,2\nb,0\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if pictures.Test != nil || !slices.Equal(pictures.Train.ClassNames, []string{"0", "1", "2"}) {
		t.Errorf("test set %v, classes %q", pictures.Test, pictures.Train.ClassNames)
	}
}

func TestOpenKitErrors(t *testing.T) {
	const names = "class,taxa_name\n0,Ants\n1,Bees\n"
	tests := map[string]struct {
		train, test, names string
		says               []string
	}{
		"empty file":          {"", "", names, []string{"train.csv", "empty"}},
		"header only":         {"id,class\n", "", names, []string{"train.csv", "no rows"}},
		"wrong header":        {"name,class\na,0\n", "", names, []string{"train.csv", `"name,class"`, `"id,class"`}},
		"header too long":     {"id,class,x\na,0,1\n", "", names, []string{"train.csv", "id,class,x"}},
		"duplicate id":        {"id,class\na,0\nb,1\na,1\n", "", names, []string{"train.csv", "row 2 (line 4)", `"a"`, "row 0"}},
		"class not a number":  {"id,class\na,x\n", "", names, []string{"row 0 (line 2)", `"x"`, "whole number"}},
		"class with fraction": {"id,class\na,1.0\n", "", names, []string{"row 0", `"1.0"`}},
		"class beyond int":    {"id,class\na,99999999999999999999\n", "", names, []string{"row 0", "outside 0…999999"}},
		"class beyond limit":  {"id,class\na,2000000000\n", "", "", []string{"row 0", "outside 0…999999"}},
		"class negative":      {"id,class\na,-1\n", "", names, []string{"row 0", "-1"}},
		"class without name":  {"id,class\na,0\nb,2\n", "", names, []string{"train.csv", "row 1", "class 2", "class_codes.csv"}},
		"too few fields":      {"id,class\na,0\nb\n", "", names, []string{"row 1 (line 3)", "1 fields"}},
		"too many fields":     {"id,class\na,0,7\n", "", names, []string{"row 0 (line 2)", "3 fields"}},
		"open quote":          {"id,class\n\"a,0\n", "", names, []string{"train.csv", "row 0"}},
		"not UTF-8":           {"id,class\na\xff,0\n", "", names, []string{"row 0", "UTF-8"}},
		"UTF-16":              {"\xff\xfei\x00d\x00", "", names, []string{"train.csv", "header"}},
		"empty id":            {"id,class\n,0\n", "", names, []string{"row 0", "empty"}},
		"id leads out":        {"id,class\n../secret,0\n", "", names, []string{"row 0", `"../secret"`}},
		"id is absolute":      {"id,class\n/etc/passwd,0\n", "", names, []string{"row 0", "/etc/passwd"}},
		"id is the parent":    {"id,class\n..,0\n", "", names, []string{"row 0", `".."`}},
		"id with zero byte":   {"id,class\na\x00b,0\n", "", names, []string{"row 0", `"a\x00b"`}},
		"id in both":          {"id,class\na,0\nb,1\n", "id,class\nc,0\nb,1\n", names, []string{"test.csv", "row 1", `"b"`, "train.csv", "row 1"}},
		"test without name":   {"id,class\na,0\n", "id,class\nc,5\n", names, []string{"test.csv", "row 0", "class 5"}},
		"broken test":         {"id,class\na,0\n", "id,class\nc\n", names, []string{"test.csv", "row 0"}},
		"names: header":       {"id,class\na,0\n", "", "id,name\n0,x\n", []string{"class_codes.csv", "class,taxa_name"}},
		"names: twice":        {"id,class\na,0\n", "", "class,taxa_name\n0,x\n0,y\n", []string{"class_codes.csv", "row 1", "class 0"}},
		"names: gap":          {"id,class\na,0\n", "", "class,taxa_name\n0,x\n2,y\n", []string{"class_codes.csv", "class 1"}},
		"names: empty":        {"id,class\na,0\n", "", "class,taxa_name\n0, \n", []string{"class_codes.csv", "row 0", "empty name"}},
		"names: unquoted":     {"id,class\na,0\n", "", "class,taxa_name\n0,x, y\n", []string{"class_codes.csv", "row 0", "3 fields"}},
		"names: no rows":      {"id,class\na,0\n", "", "class,taxa_name\n", []string{"class_codes.csv", "no rows"}},
		"names: not UTF-8":    {"id,class\na,0\n", "", "class,taxa_name\n0,b\xe9e\n", []string{"class_codes.csv", "row 0", "UTF-8"}},
		"names: not a number": {"id,class\na,0\n", "", "class,taxa_name\nzero,x\n", []string{"class_codes.csv", "row 0", `"zero"`}},
		"long id":             {"id,class\n" + strings.Repeat("a", 300) + ",0\n", "", names, []string{"row 0", "300 bytes"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"train.csv": test.train}
			if test.test != "" {
				files["test.csv"] = test.test
			}
			if test.names != "" {
				files["class_codes.csv"] = test.names
			}
			_, err := OpenKit(writeTree(t, files))
			wantError(t, err, test.says...)
		})
	}
}

// The hashes, first rows and partition are those of the study's own tables.
func TestStudyTables(t *testing.T) {
	for name, want := range map[string]string{
		"train.csv":       "01a6d5a52636afb317412f242f066828d1d808b10144c0d9783e7f45e923a6ce",
		"test.csv":        "32760edee4a203a550e2b221f2131740dc78a2f53dabfc6ec5e54876178d3f29",
		"class_codes.csv": "dff2bac21ba59a61cf369049ea097070318081ce75e7af24f293b364b27ae48f",
	} {
		content, err := os.ReadFile(studydata.Path(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s has SHA-256 %x, want %s", name, sum, want)
		}
	}
	pictures, err := OpenKit(filepath.Dir(studydata.Path(t, "train.csv")))
	if err != nil {
		t.Fatal(err)
	}
	first := func(s *Set, n int) string {
		var rows []string
		for row := range n {
			rows = append(rows, fmt.Sprintf("(%s,%d)", s.IDs[row], s.Labels[row]))
		}
		return strings.Join(rows, ",")
	}
	if got, want := first(pictures.Train, 5), "(70709,124),(50750,159),(10684,117),(66697,121),(47847,108)"; got != want {
		t.Errorf("train starts %s, want %s", got, want)
	}
	if got, want := first(pictures.Test, 3), "(64280,57),(21325,57),(54958,1)"; got != want {
		t.Errorf("test starts %s, want %s", got, want)
	}
	if want := []int32{57, 57, 1, 134, 133, 97, 311, 277, 57, 44}; !slices.Equal(pictures.Test.Labels[:10], want) {
		t.Errorf("test labels start %v, want %v", pictures.Test.Labels[:10], want)
	}
	seen := map[string]bool{}
	for _, id := range slices.Concat(pictures.Train.IDs, pictures.Test.IDs) {
		seen[id] = true
	}
	for id := range 72939 {
		if !seen[fmt.Sprint(id)] {
			t.Fatalf("id %d is in neither table", id)
		}
	}
	if len(seen) != 72939 || pictures.Train.NumClasses() != 403 {
		t.Errorf("%d ids and %d classes, want 72939 and 403", len(seen), pictures.Train.NumClasses())
	}
	if got, want := pictures.Train.ClassNames[24], "Robert-le-Diable"; !strings.Contains(got, want) {
		t.Errorf("class 24 is %q, want one that says %q", got, want)
	}
}

func FuzzReadLabels(f *testing.F) {
	f.Add([]byte("id,class\na,0\nb,1\n"))
	f.Add([]byte("\ufeffid,class\r\n\"a\",0\r\n"))
	f.Add([]byte("id,class\n\"a,0\n"))
	f.Add([]byte("id,class\n..,-1\n\xff,9"))
	path := filepath.Join(f.TempDir(), "labels.csv")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		table, err := ReadLabels(path)
		if err != nil {
			return
		}
		if _, err := NewSet("fuzz", "imgs", table.IDs, table.Labels, numberedNames(table.NumClasses())); err != nil {
			t.Errorf("an accepted table is no set: %v", err)
		}
	})
}
