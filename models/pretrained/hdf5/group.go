package hdf5

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNotFound is in the error for a group, dataset or attribute that the file lacks.
var ErrNotFound = errors.New("not in the file")

// Group is a group of a file.
type Group struct {
	file   *File
	object *object
	path   string
}

// links are the members of a group.
type links struct {
	names   []string
	address map[string]uint64
}

// member is a link to an object. place grows with creation.
type member struct {
	name    string
	address uint64 // undefined for a soft or external link
	place   uint64
}

// Names returns the names of the members in the order in which they were created, which is the order of the names in the
// file. It can differ where members were deleted and others added, and a little in the dense links of libver="latest".
func (g *Group) Names() ([]string, error) {
	l, err := g.file.links(g.object)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.path, err)
	}
	return slices.Clone(l.names), nil
}

// Group returns the group at a path below this one, "a/b/c".
func (g *Group) Group(path string) (*Group, error) {
	o, err := g.find(path)
	if err == nil && !o.isGroup() {
		err = errors.New("not a group")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.join(path), err)
	}
	return &Group{g.file, o, g.join(path)}, nil
}

// Dataset returns the dataset at a path below this group. Its numbers are not read yet.
func (g *Group) Dataset(path string) (*Dataset, error) {
	o, err := g.find(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.join(path), err)
	}
	d, err := g.file.dataset(o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.join(path), err)
	}
	return d, nil
}

func (g *Group) join(path string) string {
	return strings.TrimSuffix(g.path, "/") + "/" + path
}

func (g *Group) find(path string) (*object, error) {
	o := g.object
	for name := range strings.SplitSeq(path, "/") {
		if !o.isGroup() {
			return nil, fmt.Errorf("%q of it is not in a group", name)
		}
		l, err := g.file.links(o)
		if err != nil {
			return nil, err
		}
		address, ok := l.address[name]
		if !ok {
			return nil, ErrNotFound
		}
		if address == undefined {
			return nil, errors.New("a soft or external link, which is not followed")
		}
		if o, err = g.file.object(address); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// links reads the members of a group, once.
func (f *File) links(o *object) (*links, error) {
	if o.links != nil {
		return o.links, nil
	}
	members, err := f.members(o)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(members, func(a, b member) int { return cmp.Compare(a.place, b.place) })
	l := &links{address: make(map[string]uint64, len(members))}
	for _, m := range members {
		if _, twice := l.address[m.name]; twice {
			return nil, fmt.Errorf("damaged HDF5 file: two members are called %q", m.name)
		}
		l.names = append(l.names, m.name)
		l.address[m.name] = m.address
	}
	o.links = l
	return l, nil
}

// members collects the links of a group, whichever way they are stored.
func (f *File) members(o *object) ([]member, error) {
	if c, ok := o.find(symbolTableMessage); ok {
		return f.symbolTable(c)
	}
	var members []member
	for i, m := range o.messages {
		if m.kind == linkMessage {
			link, err := parseLink(&cursor{data: m.data})
			if err != nil {
				return nil, err
			}
			link.place = uint64(i)
			members = append(members, link)
		}
	}
	c, ok := o.find(linkInfoMessage)
	if !ok {
		return members, nil
	}
	c.skip(1)
	if c.u8()&1 != 0 {
		c.skip(8)
	}
	dense, err := f.dense(c, linkNameRecord)
	if err != nil {
		return nil, err
	}
	for _, d := range dense {
		link, err := parseLink(d.data)
		if err != nil {
			return nil, err
		}
		link.place = d.place
		members = append(members, link)
	}
	return members, nil
}

// maxName is the longest name of a member that is read. Without a limit a damaged file could give every member the whole
// file as its name.
const maxName = 4096

func parseLink(c *cursor) (member, error) {
	c.skip(1)
	flags := c.u8()
	kind := uint8(0)
	if flags&8 != 0 {
		kind = c.u8()
	}
	if flags&4 != 0 {
		c.skip(8)
	}
	if flags&16 != 0 {
		c.skip(1)
	}
	length := c.uint(1 << (flags & 3))
	if length > maxName {
		return member{}, fmt.Errorf("a link's name has %d bytes", length)
	}
	m := member{name: string(c.take(int(length))), address: undefined}
	if kind == 0 {
		m.address = c.u64()
	}
	if c.short {
		return member{}, errors.New("a link is cut off")
	}
	return m, nil
}
