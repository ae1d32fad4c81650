/* SPDX-License-Identifier: ISC */
/* link: cmd/athena-src-github/event.c cmd/athena-src-github/event-text.c cmd/athena-src-github/event-code.c cmd/athena-src-github/event-talk.c */
/* What the API says, odd as it can be, and the lines that come of it. */
#include "github-event.h"

#include "../refusal.h"
#include "json-text.h"

static struct event_maker m;
static struct event e;
static enum thread thread;

/* One member of the line that the event makes. */
static const char *member(const char *name)
{
	static struct buf line;

	buf_reset(&line);
	e.source_id = e.source_type = "github";
	if (!event_line(&line, &e))
		return "too long";
	if (refusal(&line))
		ok(false, "a line that the store takes: %s", refusal(&line));
	return member_of(buf_cstr(&line), name);
}

static json_t *held;

static bool issue(const char *text)
{
	json_decref(held);
	return event_issue(&m, &e, held = parse(text));
}

static bool happened(const char *text)
{
	json_decref(held);
	return event_issue_event(&m, &e, held = parse(text), &thread);
}

static void issues(void)
{
	ok(issue("{'number':7,'title':'Fix','body':'it\\u0000 "
		 "breaks\\r\\n','user':null,'created_at':'2024-01-02T03:04:05Z',"
		 "'updated_at':'2024-01-02T03:04:06Z','labels':['plain',{'name':'bug'},{'name':null}],'html_"
		 "url':'u'}"),
	   "an issue");
	is_str(member("content"), "\"Fix\\n\\nit\xEF\xBF\xBD breaks\"",
	       "title and body, NUL replaced, end trimmed");
	is_str(member("id"), "\"issue/7/opened\"", "id");
	is_str(member("actor"), "\"ghost\"", "a deleted account");
	is_str(member("revision"), "1704164646000000", "revision");
	is_str(member("session_id"), "\"github:o/r#7\"", "session");
	is_str(member("metadata.labels"), "[\"plain\",\"bug\"]", "labels of both forms");
	is_str(member("metadata.number"), "7", "number");
	ok(!issue("{'number':7,'title':'x','pull_request':{}}"),
	   "a pull request in the list of issues is none");
	ok(!issue("{'title':'x'}"), "no number, no event");
	ok(!issue("[]") && !issue("{'number':'x'}"), "what is no issue");
	ok(issue("{'number':8}"), "a number is enough");
	is_str(member("content"), "\"(no title)\"", "content is never empty");
	is_str(member("timestamp"), "\"1970-01-01T00:00:00Z\"", "no time");
	is_str(member("metadata.timestamp_raw"), "\"none\"", "which is said");
	ok(issue("{'number':9,'title':' \\n ','body':'','user':{}}"), "white space");
	is_str(member("content"), "\"(no title)\"", "is nothing");
}

static void events(void)
{
#define ISSUE "'issue':{'number':3,'title':'Bug','html_url':'u'}"
#define PULL  "'issue':{'number':4,'title':'Fix','pull_request':{'merged_at':'2024-01-01T00:00:02Z'}}"
	ok(happened(
		   "{'id':4294967299,'event':'closed','actor':null,'created_at':'2024-01-01T00:00:00Z'," ISSUE
		   "}"),
	   "closed");
	is_str(member("id"), "\"event/4294967299\"", "an id beyond 32 bits");
	is_str(member("kind"), "\"issue.closed\"", "kind");
	is_str(member("outcome"), "\"success\"", "an issue closed is a success");
	is_str(member("content"), "\"closed #3 Bug\"", "in words");
	is_str(member("revision"), "absent", "what happened does not change");
	ok(!happened("{'id':5,'event':'closed','created_at':'2024-01-01T00:00:01Z'," PULL "}"),
	   "closing that is merging");
	ok(happened("{'id':5,'event':'closed','created_at':'2023-01-01T00:00:01Z'," PULL "}") &&
		   thread == THREAD_PULL,
	   "closed long before it was merged");
	is_str(member("outcome"), "\"partial\"", "unmerged");
	is_str(member("event_type"), "\"decision\"", "is a decision");
	ok(happened("{'id':6,'event':'merged','commit_id':'abc','created_at':'2024-01-01T00:00:02Z'," PULL
		    "}"),
	   "merged");
	is_str(member("git_commit"), "\"abc\"", "with its commit");
	is_str(member("outcome"), "\"success\"", "is a success");
	ok(happened("{'id':7,'event':'renamed','rename':{'from':'a','to':'b'}," ISSUE "}"), "renamed");
	is_str(member("content"), "\"renamed #3 a -> b\"", "from and to");
	ok(happened("{'id':8,'event':'labeled','label':{'name':'ui'}," ISSUE "}"), "labeled");
	is_str(member("content"), "\"labeled #3 Bug: ui\"", "with the label");
	ok(!happened("{'id':9,'event':'subscribed'," ISSUE "}"), "noise");
	ok(!happened("{'id':9,'event':'closed','issue':null}"), "of no issue");
	ok(!happened("{'id':9," ISSUE "}") && !happened("{'event':'closed'," ISSUE "}"),
	   "without name, without id");
}

static void talk(void)
{
	json_t *o = parse("{'id':1,'issue_url':'https://h/repos/o/r/issues/12','html_url':'https://h/o/r/"
			  "pull/12#x','body':''}");
	json_t *pull = parse("{'number':12,'title':'Fix','updated_at':'2024-01-01T00:00:09Z'}");
	json_t *review = parse("{'id':2,'state':'APPROVED','body':null,'user':{'login':'a[bot]'},'submitted_"
			       "at':'2024-01-01T00:00:00Z'}");

	ok(event_comment(&m, &e, o, &thread) && thread == THREAD_PULL, "a comment on a pull request");
	is_str(member("kind"), "\"pull_request.comment\"", "kind");
	is_str(member("content"), "\"(empty comment) on #12\"", "content");
	json_object_set_new(o, "issue_url", json_string("nothing"));
	ok(!event_comment(&m, &e, o, &thread), "a comment on nothing");
	ok(event_review(&m, &e, review, pull), "a review");
	is_str(member("content"), "\"approved #12 Fix\"", "an approval without words");
	is_str(member("outcome"), "\"success\"", "is a success");
	is_str(member("revision"), "absent", "has no time of editing");
	json_object_set_new(review, "state", json_string("DISMISSED"));
	ok(event_review(&m, &e, review, pull), "dismissed");
	is_str(member("revision"), "1704067200000000",
	       "is newer than it was, and the same whenever it is seen");
	json_object_set_new(review, "state", json_string("CHANGES_REQUESTED"));
	ok(event_review(&m, &e, review, pull), "changes requested");
	is_str(member("outcome"), "\"failure\"", "is a failure");
	json_object_set_new(review, "state", json_string("PENDING"));
	ok(!event_review(&m, &e, review, pull), "pending");
	json_decref(review);
	json_decref(pull);
	json_decref(o);
	o = parse("{'id':'DC_1','body':'x','createdAt':'2024-01-01T00:00:00Z','author':null,'deletedAt':'"
		  "2024-01-02T00:00:00Z'}");
	pull = parse("{'number':5,'title':'Q','answer':null}");
	ok(event_discussion_comment(&m, &e, o, pull, o), "a deleted comment of a discussion");
	is_str(member("id"), "\"discussion-comment/DC_1/deleted\"", "id");
	is_str(member("kind"), "\"discussion.comment.deleted\"", "kind");
	is_str(member("metadata.reply_to"), "\"DC_1\"", "reply");
	ok(!event_discussion_answered(&m, &e, pull), "no answer");
	json_decref(o);
	json_decref(pull);
}

#define OID  "0123456789abcdef0123456789abcdef01234567"
#define ZERO "0000000000000000000000000000000000000000"

static void code(void)
{
	json_t *o = parse("{'sha':'" OID
			  "','author':{},'committer':null,'parents':[],'commit':{'message':'','author':"
			  "{'name':'Ann','email':'a@x','date':'2024-01-01T23:00:00Z'},"
			  "'committer':{'name':'Carl','email':'c@x','date':'2024-01-02T00:00:00Z'}}}");

	ok(event_commit(&m, &e, o, "main"), "a commit of nobody on GitHub");
	is_str(member("content"), "\"(empty commit message) 0123456\"", "without a message");
	is_str(member("actor"), "\"Ann\"", "actor");
	is_str(member("session_id"), "\"git:a@x/2024-01-02\"", "session");
	is_str(member("timestamp"), "\"2024-01-02T00:00:00Z\"", "committer date");
	is_str(member("metadata.committer"), "\"Carl <c@x>\"", "committer");
	is_str(member("context"), "{\"branch\":\"main\"}", "branch");
	json_object_set_new(json_object_get(o, "commit"), "author", json_null());
	ok(event_commit(&m, &e, o, NULL), "a commit without an author");
	is_str(member("actor"), "\"ghost\"", "actor");
	json_object_set_new(o, "sha", json_string("../../x"));
	ok(!event_commit(&m, &e, o, NULL), "an object name that is none");
	json_decref(o);
	o = parse("{'id':12,'ref':'refs/heads/a/b','activity_type':'force_push','before':'" OID
		  "','after':'" OID "','timestamp':'2024-01-02T00:00:00Z','actor':null}");
	ok(event_push(&m, &e, o), "a push");
	is_str(member("content"), "\"force-pushed a/b 0123456..0123456\"", "content");
	is_str(member("session_id"), "\"github:o/r@a/b\"", "session");
	json_object_set_new(o, "activity_type", json_string("branch_deletion"));
	json_object_set_new(o, "after", json_string(ZERO));
	ok(event_push(&m, &e, o), "a deletion");
	is_str(member("content"), "\"deleted a/b, was at 0123456\"", "content");
	is_str(member("git_commit"), "absent", "no commit");
	json_decref(o);
	o = parse("{'id':9,'tag_name':'v1','name':'','body':'notes','draft':false,'published_at':'2024-01-"
		  "02T00:00:00Z','author':null}");
	ok(event_release(&m, &e, o), "a release");
	is_str(member("content"), "\"v1\\n\\nnotes\"", "a tag for a name");
	is_str(member("revision"), "1704153600000000", "published, never updated");
	is_str(member("session_id"), "\"github:o/r@v1\"", "session");
	json_object_set_new(o, "draft", json_true());
	ok(!event_release(&m, &e, o), "a draft");
	json_decref(o);
}

static void large(void)
{
	size_t n = 300000;
	char *text = malloc(n + 1);
	json_t *o = parse("{'number':1,'title':'t'}");

	memset(text, 1, n);
	text[n] = '\0';
	json_object_set_new(o, "body", json_stringn(text, n));
	json_object_set_new(o, "diff_hunk", json_stringn(text, n));
	json_object_set_new(o, "id", json_integer(1));
	json_object_set_new(o, "pull_request_url", json_string("x/1"));
	ok(event_issue(&m, &e, o), "a body of control bytes");
	is_str(member("metadata.truncated"), "[\"content\"]", "fits, cut");
	ok(event_review_comment(&m, &e, o), "with a diff of them");
	is_str(member("metadata.truncated"), "[\"content\",\"diff\"]", "fits, cut");
	free(text);
	json_decref(o);
}

int main(void)
{
	event_maker_init(&m, "o/r");
	issues();
	events();
	talk();
	code();
	large();
	json_decref(held);
	event_maker_release(&m);
	return tap_done();
}
