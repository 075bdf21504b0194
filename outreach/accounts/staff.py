"""Who works here, and who may change that: inviting people, giving away the work of those who leave, renewing."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count
from django.utils.text import slugify
from django.utils.translation import gettext as _

from campaigns import planning, roles
from campaigns.models import Approach, Campaign, Membership

from . import links

MANAGE = ("campaigns.add_membership", "campaigns.delete_membership")


class Refused(Exception):
    """This cannot be done to this account; str() says why, for a person."""


@dataclass
class Person:
    """One line of the list of staff. `state` is "invited", "active" or "left"."""

    user: object
    role: str
    campaigns: list
    companies: int  # whose owner the person is, in open campaigns
    state: str


def state_of(user):
    if not user.is_active:
        return "left"
    return "active" if user.has_usable_password() else "invited"


def people():
    """Return a Person for every account of staff: those who are here by name, then those who have left."""
    users = get_user_model().objects.filter(is_staff=True).prefetch_related("groups", "memberships__campaign")
    owned = Approach.objects.filter(campaign__closed_at=None).exclude(assigned=None)
    owned = dict(owned.order_by().values_list("assigned").annotate(Count("pk")))
    found = [
        Person(
            user, roles.role_of(user), [one.campaign for one in user.memberships.all()], owned.get(user.pk, 0),
            state_of(user),
        )
        for user in users
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.state == "left", roles.name_of(one.user).casefold()))


def roles_to_give(by):
    """Return the names of the roles that a person may give: those that hold nothing that the person lacks."""
    held = by.get_all_permissions()
    return [name for name, granted in roles.GRANTS.items() if granted <= held]


def invite(name, email, role, campaigns, *, by, now):
    """Make an account without a password, put it on its teams, and queue the mail with its link; return the user.

    raises  Refused where the address has an account; wording.Blocked where no mail can be sent to it
    """
    users = get_user_model().objects
    if users.filter(email__iexact=email).exists():
        raise Refused(_("%(address)s has an account already. Look for it among the staff.") % {"address": email})
    first, _space, last = name.rpartition(" ")
    with transaction.atomic():
        user = users.create_user(
            _free_username(name, email), email, None, first_name=first or last, last_name=last if first else "",
            is_staff=True,
        )  # fmt: skip
        user.groups.add(Group.objects.get(name=role))
        Membership.objects.bulk_create([Membership(campaign=campaign, user=user) for campaign in campaigns])
        links.invite(user, by=by, now=now)
    return user


def _free_username(name, email):
    wanted = slugify(name) or slugify(email.partition("@")[0]) or "person"
    taken = set(get_user_model().objects.filter(username__startswith=wanted[:100]).values_list("username", flat=True))
    return next(one for one in (wanted[:100], *(f"{wanted[:100]}-{n}" for n in range(2, 10_000))) if one not in taken)


def why_not(user, by):
    """Return why `by` may not end or renew this account, or ""."""
    if user == by:
        return _("You cannot end your own account. Ask a colleague.")
    if user.is_superuser and not by.is_superuser:
        return _("Only an administrator can end the account of an administrator.")
    if state_of(user) == "active" and _is_last(user):
        return _("%(person)s is the last who can do this work. Give somebody else the role first.") % {
            "person": roles.name_of(user)
        }
    return ""


def _is_last(user):
    """Say whether no other administrator, or nobody else who may send mail, could sign in without this account."""
    others = get_user_model().objects.filter(is_active=True, is_staff=True).exclude(pk=user.pk)
    others = others.exclude(password__startswith="!")
    administrators = others.filter(is_superuser=True)
    if administrators.exists():
        return False
    return user.is_superuser or (
        user.groups.filter(name=roles.LEAD).exists() and not others.filter(groups__name=roles.LEAD).exists()
    )


def duties(user):
    """Return {Campaign: number of companies that the person owns in it}, also the campaigns that are a membership."""
    owned = Approach.objects.filter(assigned=user).order_by()
    owned = dict(owned.values_list("campaign").annotate(Count("pk")))
    teams = set(user.memberships.values_list("campaign", flat=True))
    return {one: owned.get(one.pk, 0) for one in Campaign.objects.filter(pk__in=teams | owned.keys()).order_by("pk")}


def leave(user, heirs, *, by):
    """End an account: its companies and teams go to others, and no session, link or password of it works any more.

    heirs    {campaign's id: the User who takes over, or None for nobody}, with every campaign of duties()
    returns  the Approaches that were given away, in the state before
    raises   Refused
    """
    with transaction.atomic():
        users = get_user_model().objects.select_for_update().filter(is_staff=True).order_by("pk")
        user = next(one for one in users if one.pk == user.pk)  # all are locked: of two last leads one stays
        if reason := why_not(user, by):
            raise Refused(reason)
        given = list(Approach.objects.filter(assigned=user).select_related("campaign").order_by("pk"))
        for campaign in duties(user):
            if campaign.pk not in heirs:
                raise Refused(
                    _("“%(campaign)s” was given to this person meanwhile. Look again.") % {"campaign": campaign}
                )
            if heir := heirs[campaign.pk]:
                Membership.objects.get_or_create(campaign=campaign, user=heir)
        for approach in given:
            planning.assign(approach, heirs[approach.campaign_id])
        user.memberships.all().delete()
        user.is_active = False
        user.set_unusable_password()  # ends sessions and links for ever, also if the account is renewed
        user.save(update_fields=["is_active", "password"])
    return given


def take_back(user, *, by, now):
    """Renew an account that had ended, and invite the person anew; the teams have to be chosen again.

    returns  whether a mail was made; else one went within 24 hours, and its link is dead
    """
    if user.is_superuser and not by.is_superuser:
        raise Refused(_("Only an administrator can renew the account of an administrator."))
    with transaction.atomic():
        user.is_active = True
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        return links.invite(user, by=by, now=now)
