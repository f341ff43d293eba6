package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// download is a file on its way from a server into a cache. What has come lies in partial; a call that is cut off, or a
// process that is killed, leaves it for the next one to go on.
type download struct {
	*session
	name    string // of the file, for messages
	url     string
	token   string // for url's server, and no other
	path    string // where the whole file goes
	partial string // in the same folder
	// fixed: what url stands for never changes, so that more of it can be asked for without saying of what. Otherwise the
	// server's ETag is kept beside partial, and a file that has changed is fetched anew.
	fixed  bool
	size   int64 // of the whole file, bytes; −1 while unknown
	want   []Checksum
	dirEnv string // environment variable that moves the cache, for a message
}

// run fetches what is missing, checks the whole, and puts it in its place. A file with a wrong checksum is removed.
func (d *download) run(ctx context.Context) (content, error) {
	resumed := d.came() > 0
	for {
		err := d.retry(ctx, d.retries(), func() (int64, error) {
			err := d.attempt(ctx)
			return d.came(), err
		})
		if err != nil {
			return content{}, d.explain(err)
		}
		got, err := verify(d.partial, d.want...)
		if err == nil {
			return got, d.place()
		}
		var wrong *mismatch
		if !errors.As(err, &wrong) {
			return content{}, err
		}
		if err := d.remove(); err != nil {
			return content{}, err
		}
		if !resumed {
			return content{}, fmt.Errorf("%s: what %s sent has checksum %s, published is %s; it was removed: try again, and if that repeats ask who runs the server or proxy in between",
				d.name, hostOf(d.url), wrong.got, wrong.want)
		}
		d.log("what an earlier attempt left of %s is damaged: fetching all of it", d.name)
		resumed = false
	}
}

// attempt makes one request for what is missing and appends it to the partial file.
func (d *download) attempt(ctx context.Context) (err error) {
	f, err := os.OpenFile(d.partial, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	have, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	etag := d.readETag()
	if !d.fixed && etag == "" || d.size >= 0 && have > d.size {
		have = 0
	}
	if have > 0 && have == d.size {
		return nil
	}

	watched, alive, stop := d.watched(ctx)
	defer stop()
	response, err := d.get(watched, have, etag)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	alive()

	start, total, err := d.span(response, have, etag)
	if err != nil {
		return err
	}
	if total >= 0 && d.size >= 0 && total != d.size {
		return &refusal{fmt.Sprintf("%s has %d bytes instead of %d", hostOf(d.url), total, d.size)}
	}
	if total < 0 {
		total = d.size
	}
	if start == have && have == total {
		return nil
	}
	if start == 0 {
		if err := d.begin(f, response.Header.Get("ETag")); err != nil {
			return err
		}
	}
	if err := d.checkSpace(total - start); err != nil {
		return err
	}
	if err := d.receive(watched, f, response.Body, start, total, alive); err != nil {
		return err
	}
	return f.Sync()
}

// get asks for the file from byte have on.
func (d *download) get(ctx context.Context, have int64, etag string) (*http.Response, error) {
	request, err := newRequest(ctx, http.MethodGet, d.url, d.token)
	if err != nil {
		return nil, err
	}
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		if !d.fixed {
			request.Header.Set("If-Range", etag)
		}
	}
	return d.send(request)
}

// span reads from an answer which byte its body starts at, and how many the whole file has, −1 if it does not say.
func (d *download) span(response *http.Response, have int64, etag string) (start, total int64, err error) {
	switch response.StatusCode {
	case http.StatusOK: // also by a server without ranges, and for a file that has changed
		return 0, response.ContentLength, nil
	case http.StatusPartialContent:
		start, total, ok := parseRange(response.Header.Get("Content-Range"))
		if !ok || start != have {
			return 0, 0, &refusal{fmt.Sprintf("%s was asked for bytes from %d on and sends %q", hostOf(d.url), have, response.Header.Get("Content-Range"))}
		}
		if now := response.Header.Get("ETag"); !d.fixed && now != "" && now != etag { // If-Range was ignored
			return 0, 0, d.startAgain()
		}
		return start, total, nil
	case http.StatusRequestedRangeNotSatisfiable: // nothing after byte have: the file is whole, or was another
		if text, ok := strings.CutPrefix(response.Header.Get("Content-Range"), "bytes */"); ok {
			if total, err := strconv.ParseInt(text, 10, 64); err == nil && total == have {
				return have, total, nil
			}
		}
		return 0, 0, d.startAgain()
	}
	return 0, 0, newStatusError(response)
}

// startAgain forgets a part of another file, and returns an error that makes for another attempt.
func (d *download) startAgain() error {
	if err := d.remove(); err != nil {
		return err
	}
	return &connectionError{fmt.Errorf("%s: the file has changed", hostOf(d.url))}
}

// parseRange reads "bytes 100-199/200"; total is −1 for "*".
func parseRange(text string) (start, total int64, ok bool) {
	text, ok = strings.CutPrefix(text, "bytes ")
	if !ok {
		return 0, 0, false
	}
	span, whole, _ := strings.Cut(text, "/")
	from, _, _ := strings.Cut(span, "-")
	start, err := strconv.ParseInt(from, 10, 64)
	if err != nil || start < 0 {
		return 0, 0, false
	}
	total, err = strconv.ParseInt(whole, 10, 64)
	if whole == "*" {
		return start, -1, true
	}
	return start, total, err == nil && total > start
}

// begin empties the partial file and notes what it will be a part of.
func (d *download) begin(f *os.File, etag string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() > 0 {
		if err := f.Truncate(0); err != nil {
			return err
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if d.fixed {
		return nil
	}
	if err := os.Remove(d.etagPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if etag == "" || strings.HasPrefix(etag, "W/") { // a weak one does not promise the same bytes (RFC 9110, 13.1.5)
		return nil
	}
	return atomicfile.WriteBytes(d.etagPath(), []byte(etag))
}

// receive copies a body of total−start bytes, or of unknown length, to the end of f.
func (d *download) receive(ctx context.Context, f *os.File, body io.Reader, start, total int64, alive func()) error {
	done := start
	d.progress(done, total)
	buffer := make([]byte, 256<<10)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			alive()
			if total >= 0 && done+int64(n) > total {
				return &refusal{fmt.Sprintf("%s sends more than the %d bytes it announced", hostOf(d.url), total)}
			}
			if _, err := f.Write(buffer[:n]); err != nil {
				return err
			}
			done += int64(n)
			d.progress(done, total)
		}
		if err == io.EOF && total >= 0 && done < total {
			err = io.ErrUnexpectedEOF
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &connectionError{fmt.Errorf("%s: cut off after %s: %w", hostOf(d.url), portion(done, total), causeOf(ctx, err))}
		}
	}
}

func (d *download) progress(done, total int64) {
	if d.Progress != nil {
		d.Progress(done, total)
	}
}

// checkSpace refuses a download that the disk has no room for.
func (d *download) checkSpace(bytes int64) error {
	var disk unix.Statfs_t
	dir := filepath.Dir(d.path)
	if err := unix.Statfs(dir, &disk); err != nil {
		return nil // not every file system tells
	}
	if free := uint64(disk.Bavail) * uint64(disk.Bsize); bytes > 0 && uint64(bytes) > free {
		return fmt.Errorf("%w in %s: %s are needed and %s free: make room, or set %s to a folder of another disk",
			unix.ENOSPC, dir, megabytes(bytes), megabytes(int64(free)), d.dirEnv)
	}
	return nil
}

// place gives the whole, checked file its name.
func (d *download) place() error {
	if err := os.Rename(d.partial, d.path); err != nil {
		return err
	}
	_ = os.Remove(d.etagPath())
	return atomicfile.SyncDir(filepath.Dir(d.path))
}

// remove forgets what has come.
func (d *download) remove() error {
	_ = os.Remove(d.etagPath())
	if err := os.Remove(d.partial); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// explain adds to an error what the next call will do.
func (d *download) explain(err error) error {
	if came := d.came(); came > 0 {
		return fmt.Errorf("%w; the next call goes on after %s", err, megabytes(came))
	}
	return err
}

// came is how many bytes the partial file has.
func (d *download) came() int64 {
	info, err := os.Stat(d.partial)
	if err != nil {
		return 0
	}
	return info.Size()
}

func (d *download) etagPath() string { return d.partial + ".etag" }

func (d *download) readETag() string {
	text, err := os.ReadFile(d.etagPath())
	if err != nil || !strings.HasPrefix(string(text), `"`) || strings.ContainsAny(string(text), "\r\n") {
		return ""
	}
	return string(text)
}

func portion(done, total int64) string {
	if total < 0 {
		return megabytes(done)
	}
	return megabytes(done) + " of " + megabytes(total)
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
