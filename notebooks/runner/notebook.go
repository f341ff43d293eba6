package runner

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// page is what the home page says about an executed notebook.
type page struct {
	Name    string
	Title   string // its first heading
	Lead    string // its first paragraph
	Figure  []byte // its first figure, PNG; nil if it has none
	Seconds float64
	Failure *Failure // nil if every cell ran
}

// ipynb is the part of the notebook format (nbformat 4) that is read here.
type ipynb struct {
	Cells []struct {
		CellType string `json:"cell_type"`
		Source   text
		Outputs  []struct {
			Data map[string]json.RawMessage
		}
	}
	Metadata struct {
		Longwing struct {
			Seconds float64
			Failure *Failure
		}
	}
}

// text is a string that the format may also hold as a list of lines.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var lines []string
	if err := json.Unmarshal(raw, &lines); err == nil {
		*t = text(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(raw, (*string)(t))
}

// readPage reads an executed notebook.
func readPage(name, path string) (*page, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var notebook ipynb
	if err := json.Unmarshal(raw, &notebook); err != nil {
		return nil, fmt.Errorf("%s: not a notebook: %w", path, err)
	}
	p := &page{Name: name, Title: name, Seconds: notebook.Metadata.Longwing.Seconds, Failure: notebook.Metadata.Longwing.Failure}
	for _, cell := range notebook.Cells {
		if cell.CellType == "markdown" {
			readProse(p, string(cell.Source))
		}
		for _, output := range cell.Outputs {
			if p.Figure == nil {
				p.Figure = figure(output.Data)
			}
		}
	}
	return p, nil
}

// readProse takes the first heading and the first paragraph after it.
func readProse(p *page, source string) {
	for block := range strings.SplitSeq(strings.ReplaceAll(source, "\r\n", "\n"), "\n\n") {
		for line := range strings.Lines(strings.TrimSpace(block)) {
			line = strings.TrimSpace(line)
			heading, ok := strings.CutPrefix(line, "# ")
			switch {
			case ok && p.Title == p.Name:
				p.Title = plain(heading)
			case line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "<"):
			case p.Title != p.Name && (p.Lead == "" || !strings.HasSuffix(p.Lead, "\n")):
				p.Lead += " " + plain(line)
			}
		}
		if p.Lead != "" && !strings.HasSuffix(p.Lead, "\n") {
			p.Lead = strings.TrimSpace(p.Lead) + "\n" // closed: one paragraph is enough
		}
	}
}

var (
	link     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	emphasis = regexp.MustCompile("[*_`]{1,3}([^*_`]+)[*_`]{1,3}")
)

// plain takes markdown's marks off a line.
func plain(line string) string {
	return emphasis.ReplaceAllString(link.ReplaceAllString(line, "$1"), "$1")
}

var embedded = regexp.MustCompile(`data:image/png;base64,([A-Za-z0-9+/=]+)`)

// figure returns the PNG in an output, shown as an image or embedded in HTML, or nil.
func figure(data map[string]json.RawMessage) []byte {
	var encoded text
	if raw, ok := data["image/png"]; ok && json.Unmarshal(raw, &encoded) == nil {
		return decodePNG(string(encoded))
	}
	if raw, ok := data["text/html"]; ok && json.Unmarshal(raw, &encoded) == nil {
		if found := embedded.FindStringSubmatch(string(encoded)); found != nil {
			return decodePNG(found[1])
		}
	}
	return nil
}

func decodePNG(encoded string) []byte {
	png, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil || len(png) == 0 {
		return nil
	}
	return png
}
