package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
)

// Pieces of handmade pickles.

const proto = "\x80\x02"

func str(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func long(v int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(v)))
}

func ints(values ...int64) string {
	s := "("
	for _, v := range values {
		s += long(v)
	}
	return s + "t"
}

// reference is a storage of count float32.
func reference(key string, count int64) string {
	return "(" + str("storage") + "ctorch\nFloatStorage\n" + str(key) + str("cpu") + long(count) + "tQ"
}

func rebuilt(storage string, offset int64, dims, strides string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + long(offset) + dims + strides + "\x89}tR"
}

// weight is a dict with one tensor.
func weight(tensor string) string { return proto + "}" + str("w") + tensor + "s." }

type member struct {
	name, content string
	method        uint16
}

func archiveOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, m := range members {
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.name, Method: m.method})
		if err == nil {
			_, err = w.Write([]byte(m.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// ones are four float32 of 1.
var ones = strings.Repeat("\x00\x00\x80\x3f", 4)

// saved is a file with a pickle and the storage 0 of four ones.
func saved(t testing.TB, pickle string) []byte {
	return archiveOf(t, member{name: "a/data.pkl", content: pickle}, member{name: "a/data/0", content: ones})
}

func refused(t *testing.T, content []byte, message string) {
	t.Helper()
	_, err := read("x", bytes.NewReader(content), int64(len(content)))
	if err == nil || !strings.Contains(err.Error(), message) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
		t.Errorf("error %v, want one line with %q", err, message)
	}
}

func TestHostilePickles(t *testing.T) {
	four := reference("0", 4)
	for name, c := range map[string]struct{ pickle, want string }{
		"os.system":           {proto + "cos\nsystem\n" + str("id") + "\x85R.", `it wants to use "os.system"; only tensors are read`},
		"os.system, 4":        {"\x80\x04" + str("os") + str("system") + "\x93" + str("id") + "\x85R.", `it wants to use "os.system"`},
		"never called":        {proto + "cbuiltins\neval\n.", `it wants to use "builtins.eval"`},
		"control characters":  {proto + "c\x1b[2J\r\nx\n.", `it wants to use "\x1b[2J\r.x"`},
		"long name":           {proto + "c" + strings.Repeat("x", 1000) + "\ny\n.", "name of a global is too long"},
		"long name, 4":        {"\x80\x04" + str(strings.Repeat("x", 5000)) + str("y") + "\x93.", "it wants to use"},
		"name is no str":      {"\x80\x04NN\x93.", "the name of a global is no str"},
		"instance":            {proto + "(ios\nsystem\n.", "opcode 'i' does not occur"},
		"object":              {proto + "(ccollections\nOrderedDict\no.", "opcode 'o' does not occur"},
		"new object":          {proto + "ccollections\nOrderedDict\n)\x81.", "does not occur in a state_dict"},
		"extension":           {proto + "\x82\x01.", "does not occur in a state_dict"},
		"no opcode":           {proto + "\xff.", "opcode 'ÿ' does not occur"},
		"protocol 0":          {"(dp0\n.", "opcode 'd' does not occur"},
		"protocol 6":          {"\x80\x06.", "protocol 6, 2 to 5 are read"},
		"empty":               {"", "1 bytes are wanted, 0 are left"},
		"no value":            {proto + ".", "the stack is empty"},
		"unfinished":          {proto + "}", "1 bytes are wanted, 0 are left"},
		"long string":         {proto + "X\xff\xff\xff\xff.", "4294967295 bytes are wanted, 1 are left"},
		"long integer":        {proto + "\x8a\xff.", "255 bytes are wanted, 1 are left"},
		"below a mark":        {proto + "K\x01(\x85.", "the stack is empty"},
		"no mark":             {proto + "K\x01t.", "there is no mark"},
		"nothing remembered":  {proto + "h\x05.", "nothing is remembered as 5"},
		"key without value":   {proto + "}(K\x01u.", "it sets 1 keys and values of a dict"},
		"keys of a list":      {proto + "]K\x01K\x01s.", "it sets 2 keys and values of a list"},
		"list as key":         {proto + "}]K\x01s.", "a dict has a list as key"},
		"tuple as key":        {proto + "})K\x01s.", "a dict has a tuple as key"},
		"function as key":     {proto + "}ctorch\nSize\nK\x01s.", "a dict has a function as key"},
		"append to a dict":    {proto + "}K\x01a.", "it appends to a dict"},
		"call of a dict":      {proto + "})R.", "it calls a dict with a tuple"},
		"call with a list":    {proto + "ctorch\nSize\n]R.", "it calls a function with a list"},
		"attributes":          {proto + "]}b.", "it sets attributes of a list"},
		"number":              {proto + "K\x01.", "it holds a value of type int, not a dict of tensors"},
		"no tensors":          {proto + "}" + str("w") + "K\x01s.", "its dict holds no tensors"},
		"numbered tensors":    {proto + "}K\x01" + rebuilt(four, 0, ints(4), ints(1)) + "s.", "its dict holds no tensors"},
		"reference to a str":  {proto + str("0") + "Q.", "a str refers to data"},
		"short reference":     {proto + ")Q.", "a storage of 0 fields, want 5"},
		"odd reference":       {proto + "(NNNNNtQ.", "a reference to data that is not"},
		"long key":            {weight(rebuilt(reference(strings.Repeat("0", 101), 4), 0, ints(4), ints(1))), "a reference to data that is not"},
		"long tensor name":    {proto + "}" + str(strings.Repeat("w", 5000)) + rebuilt(four, 5, ints(4), ints(1)) + "s.", "leaves its storage"},
		"unknown type":        {proto + "ctorch\nQInt8Storage\n.", `it wants to use "torch.QInt8Storage"`},
		"missing storage":     {weight(rebuilt(reference("1", 4), 0, ints(4), ints(1))), `the archive has no member "data/1"`},
		"another folder":      {weight(rebuilt(reference("../data/0", 4), 0, ints(4), ints(1))), `the archive has no member "data/../data/0"`},
		"huge storage":        {weight(rebuilt(reference("0", 1<<62), 0, ints(4), ints(1))), `storage "0" of 4611686018427387904 numbers in a file of`},
		"negative storage":    {weight(rebuilt(reference("0", -1), 0, ints(4), ints(1))), `storage "0" of -1 numbers`},
		"storage too long":    {weight(rebuilt(reference("0", 5), 0, ints(4), ints(1))), `storage "0" wants 20 bytes, its member has 16`},
		"few arguments":       {proto + "ctorch._utils\n_rebuild_tensor\n)R.", "a tensor of 0 arguments"},
		"few arguments, 2":    {proto + "ctorch._utils\n_rebuild_tensor_v2\n)R.", "a tensor of 0 arguments"},
		"few arguments, 3":    {proto + "ctorch._utils\n_rebuild_tensor_v3\n)R.", "a tensor of 0 arguments"},
		"odd arguments":       {proto + "ctorch._utils\n_rebuild_tensor_v2\n(NNNNNNtR.", "a tensor of a None, None, None and None"},
		"odd dtype":           {proto + "ctorch._utils\n_rebuild_tensor_v3\n(" + four + long(0) + "))NN)tR.", "a tensor with a tuple as dtype"},
		"conjugated":          {proto + "ctorch._utils\n_rebuild_tensor_v2\n(" + four + long(0) + "))NN}" + str("conj") + "\x88stR.", "marked as conjugated"},
		"parameter of None":   {proto + "ctorch._utils\n_rebuild_parameter\nNNN\x87R.", "a parameter that is a None"},
		"parameter":           {proto + "ctorch._utils\n_rebuild_parameter\n)R.", "a parameter of 0 arguments"},
		"size":                {proto + "ctorch\nSize\n)R.", "torch.Size of other than one argument"},
		"dict of None":        {proto + "ccollections\nOrderedDict\nN\x85R.", "an OrderedDict is made of a None"},
		"dict of no pairs":    {proto + "ccollections\nOrderedDict\n](NNe\x85R.", "something else than pairs"},
		"many dimensions":     {weight(rebuilt(four, 0, ints(make([]int64, 65)...), ints(make([]int64, 65)...))), "at most 64 ints"},
		"dims are no ints":    {weight(rebuilt(four, 0, str("4")+"\x85", ints(1))), "at most 64 ints"},
		"negative dimension":  {weight(rebuilt(four, 0, ints(-1), ints(1))), `tensor "w": negative dimension`},
		"too large":           {weight(rebuilt(four, 0, ints(1<<40, 1<<40), ints(0, 0))), `tensor "w": shape too large`},
		"missing stride":      {weight(rebuilt(four, 0, ints(2, 2), ints(1))), `tensor "w": shape [2 2] with strides [1]`},
		"too many numbers":    {weight(rebuilt(four, 0, ints(5), ints(1))), `shape [5] with strides [1] from 0 on leaves its storage of 4 numbers`},
		"stride too long":     {weight(rebuilt(four, 0, ints(2, 2), ints(3, 1))), "leaves its storage"},
		"offset too high":     {weight(rebuilt(four, 1, ints(4), ints(1))), "leaves its storage"},
		"huge offset":         {weight(rebuilt(four, 1<<63-1, ints(2), ints(1))), "leaves its storage"},
		"negative offset":     {weight(rebuilt(four, -1, ints(2), ints(1))), "leaves its storage"},
		"negative stride":     {weight(rebuilt(four, 3, ints(4), ints(-1))), "leaves its storage"},
		"huge stride":         {weight(rebuilt(four, 0, ints(3), ints(1<<62))), "leaves its storage"},
		"scalar of nothing":   {weight(rebuilt(reference("0", 0), 0, ints(), ints())), "leaves its storage"},
		"expanded":            {weight(rebuilt(four, 0, ints(1<<30), ints(0))), "take more numbers than the file has bytes"},
		"expanded, many dims": {weight(rebuilt(four, 0, ints(1<<10, 1<<10, 1<<10, 1<<10), ints(0, 0, 0, 0))), "take more numbers than the file has bytes"},
		"many steps":          {proto + strings.Repeat("N", maxSteps+1) + ".", "it takes more than 1048576 steps"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, saved(t, c.pickle), c.want) })
	}
}

// TestHarmlessPickles: odd ones that are read, fast.
func TestHarmlessPickles(t *testing.T) {
	tensor := str("w") + rebuilt(reference("0", 4), 0, ints(4), ints(1))
	laughs := str("x") + "]q\x00" // each list holds the one before it ten times
	for range 50 {
		laughs += str("x") + "](" + strings.Repeat("h\x00", 10) + "eq\x00"
	}
	const depth = 300_000
	for name, pickle := range map[string]string{
		"billion laughs": "}(" + tensor + laughs + "u.",
		"cycle":          "}q\x00(" + tensor + str("x") + "]q\x01h\x01ah\x00au.",
		"deep lists":     "}(" + tensor + str("x") + strings.Repeat("]", depth) + strings.Repeat("a", depth-1) + "u.",
		"deep marks":     "}(" + tensor + str("x") + strings.Repeat("(", depth) + strings.Repeat("t", depth) + "u.",
		"set twice":      "}(" + str("w") + "N" + tensor + "u.",
		"bigger than 8":  "}(" + tensor + str("seed") + "\x8a\x09123456789u.",
		"Python 2":       "ccollections\nOrderedDict\n]](U\x01wctorch._utils\n_rebuild_tensor\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x04tQ\x8a\x00\x8a\x01\x04\x85\x8a\x01\x01\x85tRea\x85R.",
		"metadata":       "ccollections\nOrderedDict\n)R(" + tensor + "u}" + str("_metadata") + "}s" + "b.",
	} {
		t.Run(name, func(t *testing.T) {
			content := saved(t, proto+pickle)
			file, err := read("x", bytes.NewReader(content), int64(len(content)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := file.Entries[0].Load()
			if want := []float32{1, 1, 1, 1}; err != nil || !reflect.DeepEqual(got, want) || file.Entries[0].Name != "w" {
				t.Errorf("%s is %v, %v; want w of %v", file.Entries[0].Name, got, err, want)
			}
		})
	}
}

// TestRepeatedWork: what is remembered can be made into a dict or a tensor again and again.
func TestRepeatedWork(t *testing.T) {
	shape := ints(make([]int64, 64)...) + "q\x01"
	tensors := proto + "ctorch._utils\n_rebuild_tensor\nq\x00(" + reference("0", 4) + "K\x00" + shape + "h\x01tq\x02" + strings.Repeat("h\x00h\x02R", 10_000) + "."
	refused(t, saved(t, tensors), "it takes more than")
	pickle := proto + "](" + strings.Repeat("]q\x01(NNe", 1000) + "e\x85q\x02" + strings.Repeat("ccollections\nOrderedDict\nh\x02R", 2000) + "."
	refused(t, saved(t, pickle), "it takes more than")
}

// TestManyViews: views of one storage that are long, or that pick two numbers from its ends.
func TestManyViews(t *testing.T) {
	for name, view := range map[string]string{"long": ints(1000) + ints(0), "two numbers": ints(2) + ints(999)} {
		pickle := proto + "}("
		for i := range 200 {
			pickle += str(string(rune('A'+i))) + rebuilt(reference("0", 1000), 0, view, "")
		}
		data := strings.Repeat(ones, 250)
		t.Run(name, func(t *testing.T) {
			content := archiveOf(t, member{name: "a/data.pkl", content: pickle + "u."}, member{name: "a/data/0", content: data})
			refused(t, content, "take more numbers than the file has bytes")
		})
	}
}

// TestEveryOpcode runs each opcode on stacks of several heights.
func TestEveryOpcode(t *testing.T) {
	for op := range 256 {
		for _, stack := range []string{"", "N", "(", "N(", "}N", "]}(", ")))", "NNNNNNNN"} {
			for _, argument := range []string{"", "\x00", "\x01\x00\x00\x00\x00\x00\x00\x00", "\n\n"} {
				m := newMachine(strings.NewReader(stack+string([]byte{byte(op)})+argument+"."), 64)
				_, _ = m.load()
			}
		}
	}
}

func TestHostileArchives(t *testing.T) {
	pickle := member{name: "a/data.pkl", content: weight(rebuilt(reference("0", 4), 0, ints(4), ints(1)))}
	data := member{name: "a/data/0", content: ones}
	for name, c := range map[string]struct {
		members []member
		want    string
	}{
		"no pickle":          {[]member{data}, `the archive has no member "data.pkl"`},
		"another folder":     {[]member{pickle, {name: "b/data/0", content: ones}}, `the archive has no member "data/0"`},
		"member twice":       {[]member{pickle, data, data}, `member "data/0" is in the archive twice`},
		"compressed pickle":  {[]member{{pickle.name, pickle.content, zip.Deflate}, data}, `member "data.pkl" is compressed`},
		"compressed storage": {[]member{pickle, {data.name, data.content, zip.Deflate}}, `member "data/0" is compressed`},
		"big-endian":         {[]member{pickle, data, {name: "a/byteorder", content: "big"}}, `its byte order is "big"`},
		"odd byte order":     {[]member{pickle, data, {name: "a/byteorder", content: ""}}, `its byte order is ""`},
	} {
		t.Run(name, func(t *testing.T) { refused(t, archiveOf(t, c.members...), c.want) })
	}
	refused(t, []byte("PK\x03\x04"), "zip: not a valid zip file")
	refused(t, append([]byte("PK\x03\x04"), archiveOf(t)...), "the archive is empty")
}

// TestHostileDirectory: sizes that the archive's directory claims.
func TestHostileDirectory(t *testing.T) {
	content := saved(t, weight(rebuilt(reference("0", 4), 0, ints(4), ints(1))))
	at := bytes.LastIndex(content, []byte("PK\x01\x02")) // the directory's entry of data/0
	binary.LittleEndian.PutUint32(content[at+20:], 1<<30)
	binary.LittleEndian.PutUint32(content[at+24:], 1<<30)
	refused(t, content, `member "data/0" has 1073741824 bytes in a file of`)
}

func TestHostileLegacy(t *testing.T) {
	const head = proto + "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19." + proto + "M\xe9\x03." + proto + "}."
	old := func(storage string) string { return strings.TrimSuffix(storage, "tQ") + "NtQ" }
	tensor := weight(rebuilt(old(reference("7", 4)), 0, ints(4), ints(1)))
	keys := proto + "]" + str("7") + "a."
	data := "\x04\x00\x00\x00\x00\x00\x00\x00" + ones
	for name, c := range map[string]struct{ content, want string }{
		"other magic":      {proto + "K\x01.....", "it does not begin with the magic number"},
		"other version":    {head[:15] + proto + "M\xe8\x03.", "its version is not 1001"},
		"no facts":         {head[:21], "1 bytes are wanted"},
		"no object":        {head, "1 bytes are wanted"},
		"no keys":          {head + tensor, "1 bytes are wanted"},
		"keys in a dict":   {head + tensor + proto + "}.", "a dict where the keys of storages are expected"},
		"data in the keys": {head + tensor + proto + old(reference("7", 4)) + ".", "a tuple refers to data"},
		"data in the head": {proto + old(reference("7", 4)) + ".", "a tuple refers to data"},
		"key is no str":    {head + tensor + proto + "]Na." + data, "is listed twice or belongs to no tensor"},
		"key twice":        {head + tensor + proto + "](" + str("7") + str("7") + "e." + data + data, `storage "7" is listed twice`},
		"other key":        {head + tensor + proto + "]" + str("8") + "a." + data, `storage "8" is listed twice or belongs to no tensor`},
		"key missing":      {head + tensor + proto + "]." + data, `storage "7" is not in the file`},
		"no data":          {head + tensor + keys, `storage "7": unexpected EOF`},
		"little data":      {head + tensor + keys + data[:20], `storage "7" of 4 numbers does not fit`},
		"other count":      {head + tensor + keys + "\x05" + data[1:] + ones, `storage "7" of 5 numbers does not fit`},
		"huge count":       {head + tensor + keys + "\xff\xff\xff\xff\xff\xff\xff\xff" + ones, "does not fit"},
		"five fields":      {head + weight(rebuilt(reference("7", 4), 0, ints(4), ints(1))), "a storage of 5 fields, want 6"},
		"view": {head + weight(rebuilt(strings.TrimSuffix(reference("7", 4), "tQ")+")tQ", 0, ints(4), ints(1))),
			`storage "7" is a view of another`},
		"two sizes": {head + proto + "}(" + str("a") + rebuilt(old(reference("7", 4)), 0, ints(4), ints(1)) +
			str("b") + rebuilt(old(reference("7", 2)), 0, ints(2), ints(1)) + "u.", `storage "7" has two types or sizes`},
	} {
		t.Run(name, func(t *testing.T) { refused(t, []byte(c.content), c.want) })
	}
	whole := head + tensor + keys + data
	file, err := read("x", strings.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := file.Entries[0].Load(); err != nil || !reflect.DeepEqual(got, []float32{1, 1, 1, 1}) {
		t.Errorf("got %v, %v", got, err)
	}
}
