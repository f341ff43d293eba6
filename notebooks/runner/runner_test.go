package runner

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "note[books]")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	opt := Options{Sources: folder}
	_, err := Names(nil, opt)
	wantError(t, err, "there are no notebooks")
	for _, name := range []string{"09-fine-tuning.md", "01-look.md", "README.md", "01-look.ipynb", "10-more.md"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ asked, want string }{
		{"", "01-look 09-fine-tuning 10-more"},
		{"09", "09-fine-tuning"},
		{"10-more.md 01-look", "01-look 10-more"},
		{"notebooks/01-look.ipynb 01", "01-look"},
	} {
		got, err := Names(strings.Fields(test.asked), opt)
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("asked %q: got %q, %v, want %q", test.asked, got, err, test.want)
		}
	}
	_, err = Names([]string{"02"}, opt)
	wantError(t, err, `there is no notebook "02"`)
}

func TestOutside(t *testing.T) {
	for _, test := range []struct {
		html    string
		outside bool
	}{
		{`<a href="https://example.org/">a link may point outside</a>`, false},
		{`<img src="data:image/png;base64,AAAA">`, false},
		{`<img alt="x" src='https://example.org/a.png'>`, true},
		{`<script src=//example.org/a.js></script>`, true},
		{"<link rel=stylesheet\n href=\"https://example.org/a.css\">", true},
		{`<style>body { background: url("https://example.org/a.png") }</style>`, true},
		{`<style>@import "https://example.org/a.css";</style>`, true},
		{`<script type="module">import x from "https://example.org/x.js"</script>`, true},
		{`<script>await import("https://example.org/x.js")</script>`, true},
		{`<iframe src="https://example.org"></iframe>`, true},
		{`<img srcset="a.png 1x, https://example.org/b.png 2x">`, true},
		{`<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>`, false},
		{`<p>from "https://example.org" one reads</p>`, true}, // careful rather than clever
	} {
		if got := outside([]byte(test.html)); (got != "") != test.outside {
			t.Errorf("%s: got %q, want a request: %v", test.html, got, test.outside)
		}
	}
}

func TestReadPage(t *testing.T) {
	const onePixel = "aVBOR3BuZw=="
	for _, test := range []struct {
		name, notebook string
		want           page
	}{
		{"empty", `{"cells":[]}`, page{Name: "x", Title: "x"}},
		{"title and lead in one cell",
			`{"cells":[{"cell_type":"markdown","source":["# A *fine* title\n","\n","One\n","line.\n","\n","Not this."]}]}`,
			page{Name: "x", Title: "A fine title", Lead: "One line.\n"}},
		{"lead in the next cell",
			`{"cells":[{"cell_type":"markdown","source":"# T"},{"cell_type":"markdown","source":"Look at [this](a.html)."},{"cell_type":"markdown","source":"Not this."}]}`,
			page{Name: "x", Title: "T", Lead: "Look at this.\n"}},
		{"figure in an output",
			`{"cells":[{"cell_type":"code","source":"","outputs":[{"data":{"text/plain":"x"}},{"data":{"image/png":"` + onePixel + `"}}]}]}`,
			page{Name: "x", Title: "x", Figure: []byte("iPNGpng")}},
		{"figure in HTML",
			`{"cells":[{"cell_type":"code","source":"","outputs":[{"data":{"text/html":["<img ","src='data:image/png;base64,` + onePixel + `'>"]}}]}]}`,
			page{Name: "x", Title: "x", Figure: []byte("iPNGpng")}},
		{"failure",
			`{"cells":[],"metadata":{"longwing":{"seconds":3.5,"failure":{"cell":2,"line":1,"message":"m"}}}}`,
			page{Name: "x", Title: "x", Seconds: 3.5, Failure: &Failure{Cell: 2, Line: 1, Message: "m"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.ipynb")
			if err := os.WriteFile(path, []byte(test.notebook), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := readPage("x", path)
			if err != nil {
				t.Fatal(err)
			}
			gotJSON, _ := json.Marshal(got)
			wantJSON, _ := json.Marshal(test.want)
			if string(gotJSON) != string(wantJSON) {
				t.Errorf("got  %s\nwant %s", gotJSON, wantJSON)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "x.ipynb")
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := readPage("x", path)
	wantError(t, err, "not a notebook")
}

func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]string{0.2: "0 s", 41.6: "42 s", 99.4: "99 s", 125: "2 min 5 s", 3725: "1 h 2 min"} {
		if got := duration(seconds); got != want {
			t.Errorf("%v s: got %q, want %q", seconds, got, want)
		}
	}
}
