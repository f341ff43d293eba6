package data

import (
	"slices"
	"testing"
)

func TestNewSetErrors(t *testing.T) {
	for name, test := range map[string]struct {
		ids    []string
		labels []int32
		says   []string
	}{
		"lengths":        {[]string{"a"}, nil, []string{"1 ids", "0 labels"}},
		"repeated":       {[]string{"a", "b", "a"}, []int32{0, 0, 0}, []string{"row 2", `"a"`, "row 0"}},
		"leads out":      {[]string{"a", "../b"}, []int32{0, 0}, []string{"row 1", `"../b"`}},
		"leads out late": {[]string{"a/../../b"}, []int32{0}, []string{"row 0"}},
		"absolute":       {[]string{"/b"}, []int32{0}, []string{"row 0"}},
		"empty":          {[]string{""}, []int32{0}, []string{"row 0"}},
		"not UTF-8":      {[]string{"\xff"}, []int32{0}, []string{"row 0"}},
		"class beyond":   {[]string{"a"}, []int32{2}, []string{"row 0", "class 2", "0…1"}},
		"class negative": {[]string{"a"}, []int32{-1}, []string{"row 0", "class -1"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewSet("s", "root", test.ids, test.labels, []string{"x", "y"})
			wantError(t, err, append(test.says, "set s")...)
		})
	}
}

func TestFingerprint(t *testing.T) {
	make := func(root string, ids []string, labels []int32, names ...string) string {
		set, err := NewSet("s", root, ids, labels, names)
		if err != nil {
			t.Fatal(err)
		}
		return set.Fingerprint()
	}
	base := make("r", []string{"a", "b"}, []int32{0, 1}, "x", "y")
	if len(base) != 64 {
		t.Errorf("fingerprint %q is not 64 hex digits", base)
	}
	if same := make("elsewhere", []string{"a", "b"}, []int32{0, 1}, "x", "y"); same != base {
		t.Error("the folder changes the fingerprint")
	}
	for name, other := range map[string]string{
		"id":         make("r", []string{"a", "c"}, []int32{0, 1}, "x", "y"),
		"order":      make("r", []string{"b", "a"}, []int32{1, 0}, "x", "y"),
		"label":      make("r", []string{"a", "b"}, []int32{0, 0}, "x", "y"),
		"class name": make("r", []string{"a", "b"}, []int32{0, 1}, "x", "z"),
		"more names": make("r", []string{"a", "b"}, []int32{0, 1}, "x", "y", "z"),
		"shifted":    make("r", []string{"a", "b"}, []int32{0, 1}, "xy", ""),
	} {
		if other == base {
			t.Errorf("another %s leaves the fingerprint as it was", name)
		}
	}
}

func TestSubset(t *testing.T) {
	set, err := NewSet("s", "r", []string{"a", "b", "c"}, []int32{0, 1, 1}, []string{"x", "y"})
	if err != nil {
		t.Fatal(err)
	}
	part, err := set.Subset("part", []int{2, 0})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(part.IDs, []string{"c", "a"}) || !slices.Equal(part.Labels, []int32{1, 0}) || part.NumClasses() != 2 {
		t.Errorf("subset has ids %q, labels %v", part.IDs, part.Labels)
	}
	_, err = set.Subset("part", []int{3})
	wantError(t, err, "row 3", "0…2")
	_, err = set.Subset("part", []int{1, 1})
	wantError(t, err, `"b"`)
}
