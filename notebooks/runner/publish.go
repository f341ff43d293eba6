package runner

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

//go:embed home.html
var homeText string

var home = template.Must(template.New("home").Parse(homeText))

// back is put on top of every notebook's page: lines short enough to read, and the way to the home page.
const back = `<style>body.jp-Notebook { max-width: 66rem; margin: 0 auto; } pre { tab-size: 4; }</style>
<p style="margin: 1rem 0 0 4.5rem; font: 15px system-ui, sans-serif"><a href="index.html">← All notebooks</a></p>`

// Publish makes a web page of each executed notebook in opt.Out, those that failed too, and a home page, index.html, in
// opt.Site, which is replaced. The pages ask nothing of any other server: one that would is an error. It returns the path of the home page.
func Publish(ctx context.Context, opt Options) (string, error) {
	environment, err := opt.environment()
	if err != nil {
		return "", err
	}
	names, err := Names(nil, opt)
	if err != nil {
		return "", err
	}
	var paths []string
	for _, name := range names {
		path := filepath.Join(opt.out(), name+".ipynb")
		if _, err := os.Stat(path); err == nil {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return "", fmt.Errorf("there are no executed notebooks in %s: run `longwing notebooks run` first", opt.out())
	}
	if err := os.MkdirAll(filepath.Dir(opt.site()), 0o755); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(opt.site()), ".site-*")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	if err := os.Chmod(fresh, 0o755); err != nil {
		return "", err
	}
	if err := convert(ctx, paths, fresh, environment, opt); err != nil {
		return "", err
	}
	var pages []*page
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		page, err := readPage(name, path)
		if err != nil {
			return "", err
		}
		if err := finishPage(page, fresh); err != nil {
			return "", err
		}
		pages = append(pages, page)
	}
	if err := writeHome(pages, filepath.Join(fresh, "index.html")); err != nil {
		return "", err
	}
	if err := replaceDir(fresh, opt.site()); err != nil {
		return "", err
	}
	return filepath.Join(opt.site(), "index.html"), nil
}

// convert has nbconvert write a page for each notebook.
func convert(ctx context.Context, paths []string, folder string, environment []string, opt Options) error {
	opt.logf("writing %d pages to %s", len(paths), opt.site())
	args := append([]string{"-m", "nbconvert", "--log-level=ERROR", "--to=html", "--template=lab", "--output-dir=" + folder,
		"--HTMLExporter.require_js_url=", "--HTMLExporter.mathjax_url="}, paths...)
	command := exec.CommandContext(ctx, opt.python(), args...)
	command.Env = environment
	var complaints bytes.Buffer
	command.Stderr = &complaints
	if err := command.Run(); err != nil {
		return fmt.Errorf("nbconvert: %s", lastLine(complaints.String(), err))
	}
	return nil
}

// finishPage checks a page and adds the way back and the figure for the home page.
func finishPage(p *page, folder string) error {
	path := filepath.Join(folder, p.Name+".html")
	html, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	html = mermaid.ReplaceAll(html, nil)
	if request := outside(html); request != "" {
		return fmt.Errorf("notebook %s: its page would fetch from another server: %s", p.Name, request)
	}
	if place := bodyTag.FindIndex(html); place != nil {
		html = slices.Concat(html[:place[1]], []byte(back), html[place[1]:])
	}
	if err := atomicfile.WriteBytes(path, html); err != nil {
		return err
	}
	if p.Figure == nil {
		return nil
	}
	return atomicfile.WriteBytes(filepath.Join(folder, p.Name+".png"), p.Figure)
}

var (
	bodyTag = regexp.MustCompile(`<body[^>]*>`)
	// mermaid is nbconvert's script that fetches a diagram drawer, for a kind of output that Go notebooks don't have.
	mermaid  = regexp.MustCompile(`(?s)<script type="module">[^<]*?\.jp-Mermaid > pre\.mermaid.*?</script>`)
	requests = []*regexp.Regexp{
		regexp.MustCompile(`(?i)<(?:script|link|img|iframe|source|video|audio|embed|object|image|use)\b[^>]*?\s(?:src|href|data|poster|xlink:href)\s*=\s*["']?(?:https?:)?//[^>]{0,100}`),
		regexp.MustCompile(`(?i)<(?:img|source)\b[^>]*?\ssrcset\s*=\s*["'][^"'>]*?(?:https?:)?//[^>]{0,100}`),
		regexp.MustCompile(`(?i)url\(\s*["']?(?:https?:)?//[^)]{0,100}`),
		regexp.MustCompile(`(?i)@import\s+["'](?:https?:)?//[^"']{0,100}`),
		regexp.MustCompile(`(?i)\bfrom\s+["']https?://[^"']{0,100}`),
		regexp.MustCompile(`(?i)\bimport\s*\(?\s*["']https?://[^"']{0,100}`),
	}
)

// outside returns the first thing in a page that a browser would fetch from another server when it opens the page, or
// "". Links that a reader may click don't count.
func outside(html []byte) string {
	for _, request := range requests {
		if found := request.Find(html); found != nil {
			return string(found)
		}
	}
	return ""
}

// writeHome writes the home page.
func writeHome(pages []*page, path string) error {
	type card struct {
		*page
		Time string
	}
	var cards []card
	failed := 0
	for _, p := range pages {
		cards = append(cards, card{p, duration(p.Seconds)})
		if p.Failure != nil {
			failed++
		}
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		return home.Execute(w, struct {
			Cards  []card
			Failed int
		}{cards, failed})
	})
}

// duration writes seconds as people say them.
func duration(seconds float64) string {
	if seconds < 99.5 {
		return fmt.Sprintf("%.0f s", seconds)
	}
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	if d < time.Hour {
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// replaceDir moves the folder fresh to dir, which goes.
func replaceDir(fresh, dir string) error {
	old := fresh + ".old"
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return err
	}
	return os.RemoveAll(old)
}
