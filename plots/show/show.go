// Package show displays figures, pictures, tables and text in a GoNB notebook, in the order they are shown and in forms
// that stay visible in a notebook nobody has run yet: PNG and plain HTML, no scripts.
//
//	show.Figure(plots.ClassCounts(set.Counts(), set.ClassNames))
//	show.Table([]string{"split", "pictures"}, [][]string{{"train", "46680"}, {"valid", "11671"}})
//
// A notebook cell has no caller to hand an error to, so what can't be shown ends the process with one line on standard
// error and status 1, and the cell fails. Outside a notebook, text is printed to standard output, and of figures and
// pictures only their size.
package show

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"image"
	"image/png"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/longwing-ml/longwing/plots"
)

// Figure shows a figure as PNG. The second argument takes the error of the function that made the figure, so that the
// call can be written around it.
func Figure(figure *plots.Figure, err ...error) {
	if err := errors.Join(err...); err != nil {
		fail(err)
	}
	if figure == nil {
		fail(errors.New("showing a figure: there is none"))
	}
	content, drawErr := figure.PNG()
	if drawErr != nil {
		fail(drawErr)
	}
	showPNG(content, figure.Width, figure.Height)
}

// Image shows one picture, one image pixel on one pixel of the page.
func Image(picture image.Image) {
	if picture == nil || picture.Bounds().Empty() {
		fail(errors.New("showing a picture: it is empty"))
	}
	var content bytes.Buffer
	if err := png.Encode(&content, picture); err != nil {
		fail(fmt.Errorf("showing a picture: %w", err))
	}
	showPNG(content.Bytes(), picture.Bounds().Dx(), picture.Bounds().Dy())
}

// Table shows a table; rows may be shorter than the header. Cells are text: what looks like HTML is shown as it is.
func Table(header []string, rows [][]string) {
	if gonbui.IsNotebook {
		gonbui.DisplayHTML(tableHTML(header, rows))
		gonbui.Sync()
		return
	}
	fmt.Print(tableText(header, rows))
}

// Markdown shows Markdown text.
func Markdown(text string) {
	if gonbui.IsNotebook {
		gonbui.DisplayMarkdown(text)
		gonbui.Sync()
		return
	}
	fmt.Println(text)
}

// showPNG tells the notebook the size on the page: figures have more pixels than that.
func showPNG(content []byte, width, height int) {
	if !gonbui.IsNotebook {
		fmt.Printf("[figure of %d by %d px; shown in a notebook]\n", width, height)
		return
	}
	sendPNG(content, width, height, "")
}

// sendPNG puts a figure in the place of the one that was sent with the same id, unless that is empty.
func sendPNG(content []byte, width, height int, id string) {
	gonbui.SendData(&protocol.DisplayData{
		Data:      map[protocol.MIMEType]any{protocol.MIMEImagePNG: content},
		Metadata:  map[string]any{string(protocol.MIMEImagePNG): map[string]int{"width": width, "height": height}},
		DisplayID: id,
	})
	gonbui.Sync()
}

// tableHTML aligns numbers right and everything else left, with inline styles that need no trust.
func tableHTML(header []string, rows [][]string) string {
	var b strings.Builder
	b.WriteString("<table>\n")
	writeRow(&b, "th", header)
	for _, row := range rows {
		writeRow(&b, "td", row)
	}
	b.WriteString("</table>\n")
	return b.String()
}

func writeRow(b *strings.Builder, tag string, cells []string) {
	b.WriteString("<tr>")
	for _, cell := range cells {
		align := "left"
		if tag == "td" && isNumber(cell) {
			align = "right"
		}
		fmt.Fprintf(b, `<%s style="text-align:%s">%s</%s>`, tag, align, html.EscapeString(cell), tag)
	}
	b.WriteString("</tr>\n")
}

func isNumber(cell string) bool {
	return cell != "" && strings.Trim(cell, "0123456789.,+-−eE% ") == ""
}

func tableText(header []string, rows [][]string) string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		_, _ = fmt.Fprintln(table, strings.Join(row, "\t")) // a strings.Builder takes everything
	}
	_ = table.Flush()
	return b.String()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, strings.ReplaceAll(err.Error(), "\n", "; "))
	os.Exit(1)
}
