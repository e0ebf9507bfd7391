/** What real Linux nodes publish. These wait for minutes to be over, so they wait together. */
import './counts/bad-node.ts';
import './counts/every-answer.ts';
