"""Registration: who is there and what is asked.

Owns        institutions and their contacts, the facility's staff, EU Delegations, experts (person and profile),
            requests, actions, terms of reference, timelines of cases, and the numbers people know them by.
Offers      institutions: register, verify, read; contacts, staff, delegations: enter, edit, read
            experts: enter, revise, vet, take or refuse what they would change, read
            requests: draft, edit, submit, approve, reject, read, timeline
            actions: read; terms of reference: read, edit, make final
            vocabulary: themes, languages, countries, country groups, lists (public)
Announces   institution.submitted, institution.verified, institution.rejected
            contact.recorded (the only one with people's names and addresses)
            expert.submitted, expert.revised, expert.activated, expert.revision_refused
            request.submitted, request.approved, request.rejected
            action.created, tor.drafted, tor.finalised
Listens to  its own requests: an approval opens the action and drafts its terms of reference
            its own requests, actions and terms, matching's positions and teams: the timeline of the case

A use case is a file of `application`, named by its verb; the rules are in `domain`; `entrypoints/events.py` is the
table of what is listened to.
"""
