package data

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// OpenFolder reads a folder of pictures. The class of a picture is the folder that directly holds it; in nested
// folders the class name is the slash-separated path under dir. Classes, and files within a class, are in code-point
// order. Names that start with a dot are skipped; other files that are not pictures are counted in Set.Ignored.
//
// A file is taken for a picture by its extension (.jpg .jpeg .jpe .jfif .png .gif .webp .bmp .tif .tiff, upper or
// lower case) or, when it has none, by its first bytes. Whether it can be decoded shows only later.
//
// Links are followed, except those to something inside dir, which would count twice; they are counted in Set.Ignored.
// Errors: a missing folder, a class folder without pictures, a picture directly in dir, a name that is not UTF-8, a
// dangling link, a folder that links reach a second time.
func OpenFolder(dir string) (*Set, error) {
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return nil, fmt.Errorf("picture folder %s: %w", dir, err)
	}
	walk := folderWalk{root: dir, real: real, seen: map[string]string{}, pictures: map[string][]string{}, ignored: map[string]int{}}
	if err := walk.visit(""); err != nil {
		return nil, fmt.Errorf("picture folder %s: %w", dir, err)
	}
	if len(walk.pictures) == 0 {
		return nil, fmt.Errorf("picture folder %s: no pictures in it: put them in one folder per class", dir)
	}
	return walk.set()
}

// linkInside is the key of Set.Ignored for links to something in the same set.
const linkInside = "link"

// folderWalk collects what a tree of class folders holds.
type folderWalk struct {
	root     string
	real     string              // root as an absolute path without links
	seen     map[string]string   // real path of a folder reached by a link → its path under root
	pictures map[string][]string // class name → file names
	ignored  map[string]int      // extension → files passed over
}

// visit reads the folder at a slash-separated path under root, then its sub-folders.
func (w *folderWalk) visit(path string) error {
	full := filepath.Join(w.root, filepath.FromSlash(path))
	entries, err := os.ReadDir(full)
	if err != nil {
		return err
	}
	mayBeEmpty := path == "" // so may folders that hold other folders, or only links to pictures elsewhere in the set
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		if !utf8.ValidString(name) {
			return fmt.Errorf("folder %q: name %q is not UTF-8: rename it", dotIfEmpty(path), name)
		}
		mode := entry.Type()
		if mode&fs.ModeSymlink != 0 {
			if mode, err = w.follow(join(path, name)); err != nil {
				return err
			}
		}
		switch {
		case mode.IsDir():
			mayBeEmpty = true
			err = w.visit(join(path, name))
		case mode.IsRegular():
			err = w.addFile(path, name)
		case mode&fs.ModeSymlink != 0:
			mayBeEmpty = true
			w.ignored[linkInside]++
		default: // a pipe, socket or device: opening it could block
			w.ignored[strings.ToLower(filepath.Ext(name))]++
		}
		if err != nil {
			return err
		}
	}
	if len(w.pictures[path]) == 0 && !mayBeEmpty {
		return fmt.Errorf("class folder %q holds no pictures: add some or remove it", path)
	}
	return nil
}

// follow returns the type of what a link leads to, or fs.ModeSymlink if the link is to be passed over.
func (w *folderWalk) follow(path string) (fs.FileMode, error) {
	full := filepath.Join(w.root, filepath.FromSlash(path))
	info, err := os.Stat(full)
	if err != nil {
		return 0, fmt.Errorf("link %q leads nowhere: %w", path, err)
	}
	real, err := filepath.EvalSymlinks(full)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return 0, err
	}
	if relative, err := filepath.Rel(w.real, real); err == nil && filepath.IsLocal(relative) {
		return fs.ModeSymlink, nil
	}
	if info.IsDir() {
		if first, ok := w.seen[real]; ok {
			return 0, fmt.Errorf("links %q and %q lead to the same folder: remove one, or its pictures would count twice", first, path)
		}
		w.seen[real] = path
	}
	return info.Mode().Type(), nil
}

func (w *folderWalk) addFile(class, name string) error {
	isPicture, err := looksLikePicture(filepath.Join(w.root, filepath.FromSlash(class), name))
	if err != nil {
		return err
	}
	if !isPicture {
		w.ignored[strings.ToLower(filepath.Ext(name))]++
		return nil
	}
	if class == "" {
		return fmt.Errorf("picture %q lies outside any class folder: move it into the folder of its class", name)
	}
	w.pictures[class] = append(w.pictures[class], name)
	return nil
}

// set lays the collected pictures out as rows.
func (w *folderWalk) set() (*Set, error) {
	var classNames, ids []string
	var labels []int32
	for class := range w.pictures {
		classNames = append(classNames, class)
	}
	slices.Sort(classNames)
	for label, class := range classNames {
		names := w.pictures[class]
		slices.Sort(names)
		for _, name := range names {
			ids = append(ids, join(class, name))
			labels = append(labels, int32(label))
		}
	}
	set, err := NewSet(folderName(w.root), w.root, ids, labels, classNames)
	if err == nil && len(w.ignored) > 0 {
		set.Ignored = w.ignored
	}
	return set, err
}

var pictureExtensions = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

// looksLikePicture decides by the extension or, in a name without one, by the first bytes.
func looksLikePicture(path string) (bool, error) {
	if extension := strings.ToLower(filepath.Ext(path)); extension != "" {
		return slices.Contains(pictureExtensions, extension), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	start := make([]byte, sniffLen)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return sniff(start[:n]) != "", nil
}

func join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

func dotIfEmpty(path string) string {
	if path == "" {
		return "."
	}
	return path
}
