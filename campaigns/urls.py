"""Public addresses of lists, under the language."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("campaigns/", views.campaign_list, name="campaigns"),
    path("companies/", views.company_list, name="companies"),
    path("search/", views.search, name="search"),
]
